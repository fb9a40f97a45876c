"""What rows are kept, what new rows do, and what is refused before memory runs out."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pytest

from headstart.adaptation.transport import planned
from headstart.adaptation.transport.planned import Coupling, PlannedTransport
from headstart.errors import DataError
from headstart.heads.lda import LDA

from ..worlds import same


class Given(PlannedTransport):
    """A plan made beforehand."""

    name: ClassVar[str] = "given"
    tolerance = 1.0

    def __init__(self, plan: Any = None, head: Any = None) -> None:
        self.plan = plan
        self.head = head

    def _couple(self, cost: Any, a: Any, b: Any) -> Coupling:
        return Coupling(self.plan, 0.0)


def test_rows_sent_nowhere_are_left_out_and_others_weigh_what_they_send() -> None:
    Xs, ys = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([0, 0, 1, 1])
    Xt = np.array([[10.0], [20.0]])
    plan = np.array([[0.25, 0.0], [0.0, 0.0], [0.125, 0.125], [0.0, 0.5]])
    adapter = Given(plan, head=LDA()).fit(Xs, ys, Xt)
    np.testing.assert_allclose(adapter.sent_, [1, 0, 1, 2])
    np.testing.assert_allclose(adapter.transform_source(Xs).ravel(), [10, 11, 15, 20])
    # row 1 stayed at home: it now moves as its nearest neighbour did
    assert adapter.converged_


def test_nothing_sent_is_refused() -> None:
    pair = same(30)
    with pytest.raises(DataError, match="nothing is sent at all"):
        Given(np.zeros((30, 30)), head=LDA()).fit(pair.Xs, pair.ys, pair.Xt)


def test_a_plan_too_large_is_refused_with_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planned, "MOST_PAIRS", 100)
    pair = same(30)
    with pytest.raises(DataError, match=r"30 x 30 masses .* GiB"):
        Given(np.eye(30), head=LDA()).fit(pair.Xs, pair.ys, pair.Xt)
