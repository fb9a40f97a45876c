"""Weighted risks: unbiased for the target where the weights are right, and the control variate tames them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from headstart.adaptation.validators.weighted import deep_embedded, importance_weighted, losses

from .evidences import evidence


def drawn(seed: int, n: int = 400) -> tuple[float, float]:
    """Both estimates of the target risk of a classifier that errs where x > 1; x ~ N(0, 1), target N(.5, 1)."""
    x = np.random.default_rng(seed).normal(size=n)
    wrong = (x > 1).astype(int)
    proba = np.eye(2)[wrong]
    seen = evidence(np.eye(2), held_out=proba, held_out_y=np.zeros(n, int), importance=norm.pdf(x, 0.5) / norm.pdf(x))
    return -importance_weighted(seen), -deep_embedded(seen)


def test_both_estimate_the_target_s_risk() -> None:
    estimates = np.array([drawn(seed) for seed in range(300)])
    true = norm.sf(1, loc=0.5)
    np.testing.assert_allclose(estimates.mean(axis=0), true, atol=0.01)
    plain = norm.sf(1)
    assert np.abs(estimates.mean(axis=0) - plain).min() > 0.1


def test_losses_are_wrong_answers() -> None:
    seen = evidence(np.eye(2), held_out=[[0.9, 0.1], [0.2, 0.8]], held_out_y=[0, 0])
    assert losses(seen).tolist() == [0.0, 1.0]
    assert importance_weighted(seen) == deep_embedded(seen) == -0.5


def test_one_row_does_not_decide_alone() -> None:
    held_out, y = np.tile([[0.9, 0.1]], (100, 1)), np.zeros(100, int)
    y[0] = 1
    weights = np.full(100, 0.01)
    weights[0] = 100.0
    assert -importance_weighted(evidence(np.eye(2), held_out=held_out, held_out_y=y, importance=weights)) < 0.5
    assert pytest.approx(1, abs=0.05) == weights[0] / weights.sum()  # what it would have said unguarded
