"""Unbalanced transport against POT and a general minimiser; at a high price it is balanced."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from headstart.adaptation.transport.unbalanced import UnbalancedTransport, unbalanced_plan
from headstart.errors import DataError
from headstart.stats.sinkhorn import sinkhorn


def problem() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.random((4, 5)), rng.dirichlet(np.ones(4) * 3), rng.dirichlet(np.ones(5) * 3)


def divergence(p: np.ndarray, q: np.ndarray) -> float:
    return float((p * np.log(p / q) - p + q).sum())


def test_no_plan_is_better() -> None:
    cost, a, b = problem()
    found = unbalanced_plan(cost, a, b, reg=0.1, price=0.3, tolerance=1e-12, max_iter=10_000)

    def objective(log_plan: np.ndarray) -> float:
        plan = np.exp(log_plan).reshape(4, 5)
        outside = divergence(plan.sum(axis=1), a) + divergence(plan.sum(axis=0), b)
        return float((plan * cost).sum()) + 0.1 * divergence(plan, np.outer(a, b)) + 0.3 * outside

    least = minimize(objective, np.log(np.outer(a, b)).ravel(), method="BFGS", options={"gtol": 1e-9})
    assert objective(np.log(found.matrix).ravel()) == pytest.approx(least.fun, abs=1e-9)


def test_pot_finds_the_same() -> None:
    ot = pytest.importorskip("ot", reason="POT is not installed")
    cost, a, b = problem()
    found = unbalanced_plan(cost, a, b, reg=0.05, price=0.5, tolerance=1e-12, max_iter=10_000).matrix
    theirs = ot.unbalanced.sinkhorn_unbalanced(a, b, cost, 0.05, 0.5, reg_type="kl", stopThr=1e-14, numItermax=10_000)
    np.testing.assert_allclose(found, theirs, rtol=1e-6)


def test_a_high_price_leaves_nothing_behind() -> None:
    cost, a, b = problem()
    found = unbalanced_plan(cost, a, b, reg=0.05, price=1e4, tolerance=1e-13, max_iter=200_000).matrix
    balanced = sinkhorn(cost, a, b, reg=0.05, tolerance=1e-10, max_iter=100_000).matrix
    np.testing.assert_allclose(found, balanced, atol=1e-4)


def test_small_entropy_does_not_overflow() -> None:
    cost, a, b = problem()
    found = unbalanced_plan(cost, a, b, reg=1e-3, price=0.2, tolerance=1e-9, max_iter=100_000)
    assert np.isfinite(found.matrix).all()
    assert found.gap <= 1e-9


def test_misuse() -> None:
    with pytest.raises(DataError, match="must be positive"):
        UnbalancedTransport(price=0.0)._couple(*problem())
