"""LogME against the marginal likelihood written out as a dense normal density and maximised by another optimiser."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import multivariate_normal

from headstart.selection.labelled import LabelledFeatures
from headstart.selection.logme import LogME

Builder = Callable[..., tuple[np.ndarray, np.ndarray]]


def written_out(X: np.ndarray, y: np.ndarray) -> float:
    """max over (weight variance, noise variance) of the density of y's n - 1 contrasts, per contrast."""
    n = len(y)
    contrasts = np.linalg.qr(np.column_stack([np.ones(n), np.eye(n)[:, : n - 1]]))[0][:, 1:].T  # rows orthogonal to 1
    F, z = contrasts @ X, contrasts @ y

    def loss(logs: np.ndarray) -> float:
        covariance = np.exp(logs[0]) * F @ F.T + np.exp(logs[1]) * np.eye(n - 1)
        return -multivariate_normal(np.zeros(n - 1), covariance).logpdf(z)

    starts = [(a - np.log((F**2).sum() / n), b) for a in (-8, -2, 0) for b in (-6, -1)]
    fits = [minimize(loss, start, method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-9}) for start in starts]
    return -min(fit.fun for fit in fits) / (n - 1)


@pytest.mark.parametrize(("shape", "apart"), [((25, 4), 3), ((25, 4), 0), ((16, 16), 3), ((14, 50), 4), ((14, 50), 0)])
def test_is_the_exact_marginal_likelihood(shape: tuple[int, int], apart: float, world: Builder) -> None:
    X, y = world(*shape, 2, apart=apart)
    expected = np.mean([written_out(X, (y == code).astype(float)) for code in (0, 1)])
    assert LogME().measure(LabelledFeatures.of(X, y)).value == pytest.approx(expected, abs=1e-5)


def test_never_below_what_no_features_give(world: Builder) -> None:
    y = world(30, 2, 3)[1]
    nothing = LogME().measure(LabelledFeatures.of(np.ones((30, 2)), y)).value
    shares = np.bincount(y) / 30
    variance = 30 * shares * (1 - shares) / 29
    assert nothing == pytest.approx(np.mean(-0.5 * (np.log(2 * np.pi * variance) + 1)))
    for seed in range(5):
        assert LogME().measure(LabelledFeatures.of(world(30, 60, 3, apart=0, seed=seed)[0], y)).value >= nothing
