"""JDOT: the labels that arrive are the plan's, and what learns from them."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.adaptation.none import NoAdaptation
from headstart.adaptation.transport.jdot import JointTransport
from headstart.errors import DataError
from headstart.heads.lda import LDA

from ..worlds import accuracy, moved, some_known

pytest.importorskip("ot", reason="POT is not installed")


def test_labels_arrive_whole_and_the_target_is_learned() -> None:
    pair = moved(120)
    adapter = JointTransport(head=LDA())
    assert accuracy(adapter, pair) > accuracy(NoAdaptation(head=LDA()), pair) + 0.1
    np.testing.assert_allclose(adapter.plan_labels_.sum(axis=1), 1.0)
    assert (adapter.plan_labels_.argmax(axis=1) == pair.yt).mean() > 0.85
    assert len(adapter.costs_) >= 2


def test_without_weight_on_labels_one_round_is_all() -> None:
    pair = moved(60)
    adapter = JointTransport(strength=0.0, head=LDA()).fit(pair.Xs, pair.ys, pair.Xt)
    assert adapter.costs_[0] == pytest.approx(adapter.costs_[1])
    assert adapter.converged_


def test_the_loop_ends_where_plan_and_head_agree() -> None:
    """The plan is the least, by a solver asked directly, for the log loss of the head that the plan's labels gave."""
    import ot

    pair = moved(60)
    adapter = JointTransport(strength=0.7, rounds=50, tolerance=0.0, head=LDA()).fit(pair.Xs, pair.ys, pair.Xt)
    far = ((pair.Xs[:, None] - pair.Xt[None]) ** 2).sum(axis=2)
    proba = adapter.head_.predict_proba(pair.Xt)
    wrong = -np.log(np.maximum(proba, 1e-12))[:, pair.ys].T
    even = np.full(60, 1 / 60)
    plan = ot.emd(even, even, far / far.mean() + 0.7 * wrong)
    np.testing.assert_allclose(plan.T @ np.eye(3)[pair.ys] * 60, adapter.plan_labels_, atol=1e-8)
    assert adapter.costs_[-1] == pytest.approx((plan * (far / far.mean() + 0.7 * wrong)).sum())


def test_known_labels_are_believed() -> None:
    pair = moved(60)
    shown = some_known(pair, 12)
    adapter = JointTransport(head=LDA()).fit(pair.Xs, pair.ys, pair.Xt, shown)
    known = shown >= 0
    np.testing.assert_array_equal(adapter.plan_labels_[known].argmax(axis=1), shown[known])


def test_misuse() -> None:
    pair = moved(30)
    with pytest.raises(DataError, match="strength must not be negative"):
        JointTransport(strength=-1).fit(pair.Xs, pair.ys, pair.Xt)
