"""The leave-one-out posterior against discriminant analysis fitted again without each row."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from headstart.selection.labelled import LabelledFeatures
from headstart.selection.lda_loo import LDALOO

Builder = Callable[..., tuple[np.ndarray, np.ndarray]]


def posterior_of(X: np.ndarray, y: np.ndarray, x: np.ndarray, ridge: float, share: float) -> np.ndarray:
    """Gaussian classes with covariance (1 - share)/n (W + ridge I), priors from the rows."""
    means = np.array([X[y == label].mean(axis=0) for label in np.unique(y)])
    residual = X - means[y]
    covariance = (1 - share) / len(X) * (residual.T @ residual + ridge * np.eye(X.shape[1]))
    logs = [np.log((y == label).mean()) - 0.5 * (x - mean) @ np.linalg.solve(covariance, x - mean)
            for label, mean in enumerate(means)]  # fmt: skip
    odds = np.exp(np.array(logs) - max(logs))
    return odds / odds.sum()


@pytest.mark.parametrize("shape", [(36, 5), (24, 40)])
def test_equals_fitting_again(shape: tuple[int, int], world: Builder) -> None:
    X, y = world(*shape, 3)
    features = LabelledFeatures.of(X, y)
    share = float(np.clip(features.shrinkage, 1e-4, 0.99))
    within = sum(((X[y == label] - X[y == label].mean(axis=0)) ** 2).sum() for label in range(3))
    ridge, rows = share / (1 - share) * within / shape[1], np.arange(len(X))
    own = [posterior_of(X[rows != i], y[rows != i], X[i], ridge, share)[y[i]] for i in rows]
    assert LDALOO().measure(features).value == pytest.approx(np.mean(own), rel=1e-6)
