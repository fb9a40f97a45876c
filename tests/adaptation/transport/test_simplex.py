"""Exact plans against brute force over assignments, a linear program, and the simplex asked about all pairs at once."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from headstart.adaptation.transport import simplex
from headstart.adaptation.transport.simplex import exact_plan, likely_pairs, staircase
from headstart.stats.kernels import squared_distances

ot = pytest.importorskip("ot", reason="POT is not installed")


def test_equal_masses_are_an_assignment_found_by_trying_all() -> None:
    cost = np.random.default_rng(0).random((5, 5))
    found = exact_plan(cost, np.full(5, 0.2), np.full(5, 0.2), max_iter=1000)
    best = min(sum(cost[i, j] for i, j in enumerate(order)) for order in itertools.permutations(range(5))) / 5
    assert (found.plan * cost).sum() == pytest.approx(best)
    assert found.gap < 1e-9


def test_unequal_masses_are_a_linear_program() -> None:
    rng = np.random.default_rng(1)
    cost, a, b = rng.random((4, 6)), rng.dirichlet(np.ones(4)), rng.dirichlet(np.ones(6))
    sums = [np.kron(np.eye(4), np.ones(6)), np.kron(np.ones(4), np.eye(6))]
    wanted = linprog(cost.ravel(), A_eq=np.vstack(sums), b_eq=np.r_[a, b]).fun
    assert (exact_plan(cost, a, b, max_iter=1000).plan * cost).sum() == pytest.approx(wanted)


@given(st.integers(0, 10_000), st.integers(2, 60), st.integers(2, 60), st.booleans())
@settings(max_examples=25, deadline=None)
def test_few_pairs_give_what_all_pairs_give(seed: int, n: int, m: int, even: bool) -> None:
    rng = np.random.default_rng(seed)
    cost = squared_distances(rng.normal(size=(n, 3)), rng.normal(0.5, 2.0, size=(m, 3)))
    a, b = (np.full(k, 1 / k) if even else rng.dirichlet(np.ones(k)) for k in (n, m))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(simplex, "FEW_PAIRS", 1)
        patch.setattr(simplex, "PER_ROW", 1)
        found = exact_plan(cost, a, b, max_iter=100_000)
    assert found.gap < 1e-8
    assert (found.plan * cost).sum() == pytest.approx((ot.emd(a, b, cost) * cost).sum(), abs=1e-9 * cost.max())
    np.testing.assert_allclose(found.plan.sum(axis=1), a, atol=1e-9)
    np.testing.assert_allclose(found.plan.sum(axis=0), b, atol=1e-9)
    assert (found.potentials[0][:, None] + found.potentials[1] <= cost + 1e-9 * cost.max()).all()


def test_potentials_of_a_similar_problem_may_mislead_and_do_no_harm() -> None:
    rng = np.random.default_rng(0)
    cost = rng.random((400, 300))
    a, b = np.full(400, 1 / 400), np.full(300, 1 / 300)
    wanted = (ot.emd(a, b, cost) * cost).sum()
    for start in (None, (rng.normal(size=400), rng.normal(size=300))):
        found = exact_plan(cost, a, b, max_iter=100_000, start=start)
        assert (found.plan * cost).sum() == pytest.approx(wanted)
        assert found.gap < 1e-9


def test_groups_that_pay_for_another_s_columns() -> None:
    rng = np.random.default_rng(3)
    rows, columns = np.repeat(np.arange(3), [100, 200, 100]), rng.integers(0, 3, 300)
    cost = rng.random((400, 300)) + 5.0 * (rows[:, None] != columns)
    a, b = np.full(400, 1 / 400), np.full(300, 1 / 300)
    found = exact_plan(cost, a, b, max_iter=100_000, groups=np.array([0, 100, 300]))
    assert (found.plan * cost).sum() == pytest.approx((ot.emd(a, b, cost) * cost).sum())
    assert found.gap < 1e-9


def test_a_mass_that_must_go_far_and_costs_below_nothing() -> None:
    rng = np.random.default_rng(1)
    cost = np.pad(rng.random((400, 350)), ((0, 1), (0, 1)))
    cost[-1, -1] = 11.0
    a, b = np.append(np.full(400, 1 / 400), 0.4), np.append(np.full(350, 1 / 350), 0.4)
    for each in (cost, cost - 5):
        found = exact_plan(each, a, b, max_iter=100_000)
        assert (found.plan * each).sum() == pytest.approx((ot.emd(a, b, each) * each).sum())
        assert found.gap < 1e-9


def test_any_masses_can_travel_along_the_staircase() -> None:
    rng = np.random.default_rng(2)
    a, b = rng.dirichlet(np.ones(7)), rng.dirichlet(np.ones(4))
    rows, columns = staircase(a, b)
    pairs = np.full((7, 4), 1.0)
    pairs[rows, columns] = 0.0
    assert (ot.emd(a, b, pairs) * pairs).sum() == pytest.approx(0.0, abs=1e-12)
    found = likely_pairs(rng.random((7, 4)), np.zeros(7), np.zeros(4))
    assert found.any(axis=1).all() and found.any(axis=0).all()
