"""Rows carried between spaces: what is kept of several starts, which rows are drawn, what is refused."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pytest

from headstart.adaptation.domains import Domains
from headstart.adaptation.transport.across import OTHER_CLASS, AcrossSpaces, other_class_costs, told_classes
from headstart.adaptation.transport.planned import Coupling
from headstart.errors import DataError
from headstart.heads.lda import LDA


class Given(AcrossSpaces):
    """Couplings made beforehand: each row to its own number, or to the last row."""

    name: ClassVar[str] = "given"
    tolerance = 1e-3
    seed = 0

    def __init__(self, most_rows: int = 100, head: Any = None) -> None:
        self.most_rows = most_rows
        self.head = head

    def _couplings(self, domains: Domains) -> dict[str, tuple[Coupling, float]]:
        self.seen_ = domains
        own = np.eye(len(domains.Xs), len(domains.Xt)) / len(domains.Xs)
        return {"worse": (Coupling(own[:, ::-1], 1.0), 2.0), "better": (Coupling(own, 0.0), 1.0)}


XS, YS = np.arange(6.0)[:, None] ** 2, np.array([0, 0, 0, 1, 1, 1])
XT = np.column_stack([10 * np.arange(6.0), -np.arange(6.0)])


def test_the_start_of_least_loss_is_kept_with_its_gap() -> None:
    adapter = Given(head=LDA()).fit(XS, YS, XT)
    assert adapter.losses_ == {"worse": 2.0, "better": 1.0}
    assert adapter.converged_
    np.testing.assert_allclose(adapter.transform_source(XS), XT)
    np.testing.assert_array_equal(adapter.transform(XT), XT)


def test_new_rows_land_where_the_nearest_fitted_row_did() -> None:
    adapter = Given(head=LDA()).fit(XS, YS, XT)
    np.testing.assert_allclose(adapter.transform_source(np.array([[0.3], [15.0]])), XT[[0, 4]])


def test_of_many_rows_some_are_drawn_those_of_known_label_first() -> None:
    rng = np.random.default_rng(0)
    Xs, ys, Xt, yt = rng.random((50, 2)), np.arange(50) % 2, rng.random((40, 3)), np.full(40, -1)
    yt[[7, 31, 38]] = [0, 1, 1]
    adapter = Given(most_rows=10, head=LDA()).fit(Xs, ys, Xt, yt)
    assert (len(adapter.seen_.Xs), len(adapter.seen_.Xt)) == (10, 10)
    assert adapter.seen_.known.sum() == 3
    carried = adapter.transform_source(Xs)
    assert carried.shape == (50, 3)
    assert len(np.unique(carried, axis=0)) == 10


def test_rows_of_known_label_are_dear_for_other_classes() -> None:
    costs = other_class_costs(np.array([0, 1]), np.array([-1, 0, 1]))
    np.testing.assert_array_equal(costs, OTHER_CLASS * np.array([[0, 0, 1], [0, 1, 0]]))


def test_classes_told_are_those_on_both_sides() -> None:
    drawn = Domains(XS, np.array([0, 0, 2, 2, 2, 2]), XT, np.array([-1, 2, -1, 1, 2, -1]), np.arange(3))
    np.testing.assert_array_equal(told_classes(drawn), [2])


def test_misuse() -> None:
    with pytest.raises(DataError, match="most_rows is at least 2, got 1"):
        Given(most_rows=1, head=LDA()).fit(XS, YS, XT)
