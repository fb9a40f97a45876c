"""Partial transport against a linear program, and a target that lacks a class."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog

from headstart.adaptation.transport.partial import PartialTransport
from headstart.adaptation.transport.simplex import exact_plan
from headstart.errors import DataError
from headstart.heads.lda import LDA

from ..worlds import blobs

pytest.importorskip("ot", reason="POT is not installed")


def test_the_plan_is_the_linear_program_s() -> None:
    rng = np.random.default_rng(0)
    cost, a, b = rng.random((4, 5)), np.full(4, 0.25), np.full(5, 0.2)
    found = PartialTransport(share=0.6)._couple(cost, a, b)
    at_most = np.vstack([np.kron(np.eye(4), np.ones(5)), np.kron(np.ones(4), np.eye(5))])
    wanted = linprog(cost.ravel(), A_ub=at_most, b_ub=np.r_[a, b], A_eq=np.ones((1, 20)), b_eq=[0.6]).fun
    assert found.plan.sum() == pytest.approx(0.6)
    assert (found.plan * cost).sum() == pytest.approx(wanted)


def test_all_of_it_is_exact_transport() -> None:
    cost = np.random.default_rng(1).random((6, 6))
    a = np.full(6, 1 / 6)
    whole = PartialTransport(share=1.0)._couple(cost, a, a)
    np.testing.assert_allclose(whole.plan.toarray(), exact_plan(cost, a, a, max_iter=1000).plan.toarray())


def test_rows_of_a_class_that_the_target_lacks_stay_at_home() -> None:
    rng = np.random.default_rng(0)
    Xs, ys = blobs(150, rng, apart=6.0)
    Xt, _ = blobs(100, rng, apart=6.0, shares=[0.5, 0.5, 0.0])
    sent = PartialTransport(share=0.6, head=LDA()).fit(Xs, ys, Xt).sent_
    assert sent[ys == 2].mean() < 0.2 * sent[ys != 2].mean()


def test_misuse() -> None:
    with pytest.raises(DataError, match="share of the mass"):
        PartialTransport(share=0.0)._couple(np.ones((2, 2)), np.full(2, 0.5), np.full(2, 0.5))
