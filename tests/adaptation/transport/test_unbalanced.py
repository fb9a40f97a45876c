"""Unbalanced transport against POT and a general minimiser; at a high price it is balanced."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from headstart.adaptation.transport.unbalanced import UnbalancedTransport, secant, unbalanced_plan
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


def test_a_secant_lands_where_steps_of_one_direction_end() -> None:
    end, direction = np.array([1.0, -2.0, 0.5]), np.array([3.0, 1.0, -1.0])
    points = [end + 0.9**step * direction for step in range(4)]
    changes = np.diff(points, axis=0)
    np.testing.assert_allclose(secant(points[3], changes[2], points[2], changes[1]), end, atol=1e-12)


@pytest.mark.parametrize(("reg", "price"), [(0.02, 0.2), (0.02, 5.0), (0.2, 0.02)])
def test_potentials_answer_each_other(reg: float, price: float) -> None:
    """At the optimum, what a potential says of the mass left behind is what the plan leaves behind; both precisions."""
    rng = np.random.default_rng(1)
    cost, a, b = rng.random((40, 30)), np.full(40, 1 / 40), np.full(30, 1 / 30)
    whole = unbalanced_plan(cost, a, b, reg=reg, price=price, tolerance=1e-11, max_iter=10_000)
    np.testing.assert_allclose(
        whole.matrix.sum(axis=1), a * np.exp(-(whole.source_potential - reg * np.log(a)) / price), rtol=1e-6
    )
    np.testing.assert_allclose(
        whole.matrix.sum(axis=0), b * np.exp(-(whole.target_potential - reg * np.log(b)) / price), rtol=1e-6
    )
    single = unbalanced_plan(cost.astype(np.float32), a, b, reg=reg, price=price, tolerance=1e-4, max_iter=100)
    np.testing.assert_allclose(single.matrix.sum(axis=1), whole.matrix.sum(axis=1), rtol=0.05)


def test_misuse() -> None:
    with pytest.raises(DataError, match="must be positive"):
        UnbalancedTransport(price=0.0)._couple(*problem())
