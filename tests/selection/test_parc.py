"""PARC against scipy's Spearman correlation of the two distance matrices."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.spatial.distance import pdist
from scipy.stats import spearmanr
from sklearn.decomposition import PCA

from headstart.selection.labelled import LabelledFeatures
from headstart.selection.parc import PARC

Builder = Callable[..., tuple[np.ndarray, np.ndarray]]


@pytest.mark.parametrize("shape", [(40, 10), (40, 100)])
def test_is_the_rank_correlation_of_distances(shape: tuple[int, int], world: Builder) -> None:
    X, y = world(*shape, 3)
    rows = PCA(min(8, shape[1])).fit_transform(X)
    expected = spearmanr(pdist(rows, "cosine"), pdist(np.eye(3)[y])).statistic
    assert PARC(components=8).measure(LabelledFeatures.of(X, y)).value == pytest.approx(expected, abs=1e-6)


def test_draws_some_of_many_rows(world: Builder) -> None:
    X, y = world(300, 10, 3, apart=4)
    some, other = (PARC(most=100).measure(LabelledFeatures.of(X, y, seed=seed)).value for seed in (0, 1))
    assert some != other
    assert some == pytest.approx(PARC().measure(LabelledFeatures.of(X, y)).value, abs=0.1)
