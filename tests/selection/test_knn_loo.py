"""Leave-one-out neighbours against scikit-learn asked without each row."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier

from headstart.heads.neighbour_votes import SHARPNESS
from headstart.selection import knn_loo
from headstart.selection.knn_loo import NeighbourLOO
from headstart.selection.labelled import LabelledFeatures

Builder = Callable[..., tuple[np.ndarray, np.ndarray]]


def test_equals_asking_without_the_row(world: Builder) -> None:
    X, y = world(50, 6, 3)
    rows, Z = np.arange(50), X - X.mean(axis=0)

    def right(k: int) -> list[bool]:
        peers = [KNeighborsClassifier(k, metric="cosine", weights=lambda far: np.exp(-far / SHARPNESS)).fit(
            Z[rows != i], y[rows != i]) for i in rows]  # fmt: skip
        return [peer.predict(Z[i : i + 1])[0] == y[i] for i, peer in enumerate(peers)]

    found = NeighbourLOO(ks=(3, 7)).measure(LabelledFeatures.of(X, y))
    assert found.value == pytest.approx(max(np.mean(right(3)), np.mean(right(7))))


def test_many_rows_are_asked_in_part(world: Builder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(knn_loo, "MOST_ROWS", 30)
    X, y = world(80, 6, 3, apart=5)
    found = NeighbourLOO().measure(LabelledFeatures.of(X, y))
    assert found.rows is None
    assert found.value > 0.5
