"""Leave-one-out against fitting again without each row."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from sklearn.linear_model import Ridge as Peer

from headstart.heads.ridge import Ridge
from headstart.heads.ridge_path import STEPS
from headstart.selection.labelled import LabelledFeatures
from headstart.selection.ridge_loo import RidgeLOO, RidgeR2
from headstart.stats.spectrum import Spectrum

Builder = Callable[..., tuple[np.ndarray, np.ndarray]]


def refitted(X: np.ndarray, Y: np.ndarray, ridge: float) -> np.ndarray:
    rows = np.arange(len(X))
    return np.array([Peer(alpha=ridge).fit(X[rows != i], Y[rows != i]).predict(X[i : i + 1])[0] for i in rows])


@pytest.mark.parametrize("shape", [(40, 8), (25, 60)])
def test_equals_fitting_again(shape: tuple[int, int], world: Builder) -> None:
    X, y = world(*shape, 3)
    Y = np.eye(3)[y]
    predicted = [refitted(X, Y, step * Spectrum.of(X).scale) for step in STEPS]
    features = LabelledFeatures.of(X, y)
    accuracy = max((each.argmax(axis=1) == y).mean() for each in predicted)
    assert RidgeLOO().measure(features).value == pytest.approx(accuracy)
    others = np.array([Y[np.arange(len(Y)) != i].mean(axis=0) for i in range(len(Y))])
    r2 = max(1 - ((Y - each) ** 2).sum() / ((Y - others) ** 2).sum() for each in predicted)
    assert RidgeR2().measure(features).value == pytest.approx(r2)


def test_is_the_ridge_heads_own(world: Builder) -> None:
    X, y = world(80, 30, 4)
    assert RidgeLOO().measure(LabelledFeatures.of(X, y)).value == pytest.approx(Ridge().fit(X, y).loo_accuracy_)


def test_standard_error_of_r2_is_that_of_resampled_rows(world: Builder) -> None:
    X, y = world(200, 10, 3)
    found = RidgeR2().measure(LabelledFeatures.of(X, y))
    errors, rng = 1 - found.rows, np.random.default_rng(0)  # n error / total
    baseline = ((np.eye(3)[y] - np.eye(3)[y].mean(axis=0)) ** 2).sum(axis=1)
    draws = []
    for _ in range(400):
        rows = rng.integers(0, 200, 200)
        draws.append(1 - errors[rows].mean() / (baseline[rows].mean() / baseline.mean()))
    assert found.se == pytest.approx(np.std(draws), rel=0.15)
