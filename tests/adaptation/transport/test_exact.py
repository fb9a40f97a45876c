"""Exact transport against brute force over assignments and a linear program."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.optimize import linprog

from headstart.adaptation.transport.exact import ExactTransport, exact_plan
from headstart.heads.lda import LDA

from ..worlds import accuracy, moved

pytest.importorskip("ot", reason="POT is not installed")


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


@pytest.mark.filterwarnings("ignore::UserWarning")  # the solver itself says that it stopped
def test_a_solver_stopped_early_names_its_gap() -> None:
    pair = moved(60)
    adapter = ExactTransport(max_iter=1, head=LDA()).fit(pair.Xs, pair.ys, pair.Xt)
    assert not adapter.converged_
    assert adapter.gap_ > 1e-3


def test_rows_of_the_source_land_among_those_of_the_target() -> None:
    pair = moved(120)
    adapter = ExactTransport(head=LDA())
    assert accuracy(adapter, pair) > 0.85
    carried = adapter.transform_source(pair.Xs)
    np.testing.assert_allclose(carried.mean(axis=0), pair.Xt.mean(axis=0), atol=1e-6)
    near = adapter.transform_source(pair.Xs[:5] + 1e-6)
    np.testing.assert_allclose(near, carried[:5], atol=1e-4)
