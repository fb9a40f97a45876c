"""The H-score against its definition on the shrunken covariance of scikit-learn, and against shuffled labels."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from sklearn.covariance import ledoit_wolf

from headstart.selection.hscore import HScore
from headstart.selection.labelled import LabelledFeatures

Builder = Callable[..., tuple[np.ndarray, np.ndarray]]


def published(X: np.ndarray, y: np.ndarray) -> float:
    shrunk, share = ledoit_wolf(X)
    means = np.array([X[y == label].mean(axis=0) for label in y])
    return (1 - share) * np.trace(np.linalg.solve(shrunk, np.cov(means.T, bias=True)))


@pytest.mark.parametrize("shape", [(60, 10), (30, 80)])
def test_is_the_published_formula(shape: tuple[int, int], world: Builder) -> None:
    X, y = world(*shape, 3)
    found = HScore(above_chance=False).measure(LabelledFeatures.of(X, y)).value
    assert found == pytest.approx(published(X, y), rel=1e-9)


def test_chance_is_the_mean_over_shuffled_labels(world: Builder) -> None:
    X, y = world(30, 40, 3)
    rng = np.random.default_rng(0)
    shuffled = np.mean([published(X, rng.permutation(y)) for _ in range(400)])
    features = LabelledFeatures.of(X, y)
    whole = HScore(above_chance=False).measure(features).value
    assert HScore().measure(features).value == pytest.approx((whole - shuffled) / (2 - shuffled), rel=0.05)


def test_classes_without_spread_reach_the_ceiling() -> None:
    y = np.repeat([0, 1, 2], 50)
    X = np.eye(3)[y] + 1e-6 * np.random.default_rng(0).normal(size=(150, 3))
    assert HScore().measure(LabelledFeatures.of(X, y)).value == pytest.approx(1, abs=0.05)
