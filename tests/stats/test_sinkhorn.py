"""Sinkhorn against a log-domain iteration in double precision, at entropies where plain scaling cannot live."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.special import logsumexp

from headstart.stats.sinkhorn import sinkhorn


def problem(n: int, m: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    cost = rng.uniform(size=(n, m))
    return cost / cost.max(), rng.dirichlet(np.full(n, 5.0)), rng.dirichlet(np.full(m, 5.0))


def in_the_log_domain(cost: np.ndarray, a: np.ndarray, b: np.ndarray, reg: float) -> np.ndarray:
    f, g = np.zeros(len(a)), np.zeros(len(b))
    for _ in range(20_000):
        f = reg * (np.log(a) - logsumexp((g - cost) / reg, axis=1))
        g = reg * (np.log(b) - logsumexp((f[:, None] - cost) / reg, axis=0))
    return np.exp((f[:, None] + g - cost) / reg)


@pytest.mark.parametrize(("n", "m"), [(12, 12), (9, 20), (20, 9)])
@pytest.mark.parametrize("reg", [0.2, 0.05, 0.01])
def test_the_plan_is_that_of_the_log_domain(n: int, m: int, reg: float) -> None:
    cost, a, b = problem(n, m)
    found = sinkhorn(cost, a, b, reg=reg, tolerance=1e-9, max_iter=20_000)
    np.testing.assert_allclose(found.matrix, in_the_log_domain(cost, a, b, reg), atol=1e-7)
    assert found.gap <= 1e-9


@pytest.mark.parametrize("reg", [0.05, 0.002, 0.0005])
def test_single_precision_lives_where_the_bare_kernel_underflows(reg: float) -> None:
    cost, a, b = problem(40, 30)
    cost = 0.3 + 0.7 * cost  # exp(-cost / reg) is 0 in float32 for the smaller two
    found = sinkhorn(cost.astype(np.float32), a, b, reg=reg, tolerance=1e-3, max_iter=20_000)
    plan = found.matrix
    assert plan.dtype == np.float32
    assert np.isfinite(plan).all()
    assert np.abs(plan.sum(axis=1) - a).sum() <= 2e-3
    np.testing.assert_allclose(plan.sum(axis=0), b, rtol=1e-3)


def test_with_little_entropy_the_cost_is_that_of_the_exact_plan() -> None:
    cost, a, b = problem(8, 7)
    rows, columns = np.kron(np.eye(8), np.ones(7)), np.kron(np.ones(8), np.eye(7))
    exact = linprog(cost.ravel(), A_eq=np.vstack([rows, columns]), b_eq=np.append(a, b)).fun
    found = sinkhorn(cost, a, b, reg=0.002, tolerance=1e-6, max_iter=50_000).matrix
    assert exact - 1e-5 <= (found * cost).sum() <= exact + 0.01


def test_products_without_the_plan_and_potentials_say_the_same() -> None:
    cost, a, b = problem(10, 6)
    found = sinkhorn(cost, a, b, reg=0.05, tolerance=1e-8, max_iter=5000)
    Y, runs = np.random.default_rng(2).normal(size=(6, 3)), np.array([0, 3, 4])
    np.testing.assert_allclose(found.times(Y), found.matrix @ Y)
    np.testing.assert_allclose(found.summed(runs), np.add.reduceat(found.matrix, runs, axis=0))
    f, g = found.source_potential, found.target_potential
    np.testing.assert_allclose(np.exp((f[:, None] + g - cost) / 0.05), found.matrix, rtol=1e-8)
    again = sinkhorn(cost, a, b, reg=0.05, tolerance=1e-8, start=(f, g))
    assert again.iterations <= 2


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("apart", [0.0, 0.5, 3.0])
def test_runs_settled_together_change_the_way_and_not_the_plan(apart: float, dtype: type) -> None:
    """Three runs that each find their columns cheap, and need room elsewhere the less, the further apart."""
    cost, a, b = problem(30, 24)
    runs, columns = np.repeat(np.arange(3), [5, 15, 10]), np.repeat(np.arange(3), 8)
    cost = (cost + apart * (runs[:, None] != columns)).astype(dtype)
    tolerance = 1e-9 if dtype is np.float64 else 1e-5
    found = sinkhorn(cost, a, b, reg=0.1, tolerance=tolerance, max_iter=300, groups=np.array([0, 5, 20]))
    plain = sinkhorn(cost.astype(np.float64), a, b, reg=0.1, tolerance=1e-9, max_iter=1_000_000)
    assert found.gap <= tolerance
    assert found.iterations <= plain.iterations
    np.testing.assert_allclose(found.matrix, plain.matrix, atol=tolerance * 10)


def test_runs_further_apart_than_single_precision_reaches() -> None:
    """Two runs with e^-300 between them, one with more mass than its columns take."""
    cost, a, b = problem(20, 16)
    run, column = np.arange(20) < 12, np.arange(16) < 8
    cost += 30.0 * (run[:, None] != column)
    found = sinkhorn(cost.astype(np.float32), a, b, reg=0.1, tolerance=1e-4, max_iter=100, groups=np.array([0, 12]))
    sent = found.matrix[run][:, ~column].sum() - found.matrix[~run][:, column].sum()
    assert found.gap <= 1e-4
    assert sent == pytest.approx(a[run].sum() - b[column].sum(), abs=2e-4)


def test_stopping_early_tells_the_gap() -> None:
    cost, a, b = problem(15, 15)
    found = sinkhorn(cost, a, b, reg=0.01, tolerance=1e-12, max_iter=3)
    assert found.gap > 1e-12
