"""TransRate against determinants written out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from headstart.selection.labelled import LabelledFeatures
from headstart.selection.transrate import TransRate

Builder = Callable[..., tuple[np.ndarray, np.ndarray]]


@pytest.mark.parametrize("shape", [(30, 4), (12, 25)])
def test_is_the_difference_of_coding_rates(shape: tuple[int, int], world: Builder) -> None:
    X, y = world(*shape, 2)
    Z = X - X.mean(axis=0)
    Z /= np.sqrt((Z**2).sum(axis=1).mean())

    def rate(rows: np.ndarray) -> float:
        return 0.5 * np.log(np.linalg.eigvalsh(np.eye(shape[1]) + rows.T @ rows / (len(rows) * 0.1))).sum()

    expected = rate(Z) - (rate(Z[y == 0]) + rate(Z[y == 1])) / 2
    found = TransRate(distortion=0.1, above_chance=False).measure(LabelledFeatures.of(X, y)).value
    assert found == pytest.approx(expected)


def test_what_is_published_rises_with_columns_of_noise(world: Builder) -> None:
    """Why chance is taken off by default."""
    values = [TransRate(above_chance=False).measure(LabelledFeatures.of(*world(60, d, 3, apart=0))).value
              for d in (10, 50, 200)]  # fmt: skip
    assert values[0] < values[1] < values[2]
