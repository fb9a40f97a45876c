"""Feature spaces: order, names, units, missing values, leaks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import sparse

from headstart.diagnosis.schema import aligned, shared_rows
from headstart.diagnosis.side import Side
from headstart.problem import Domain


def side(X: np.ndarray, *columns: str) -> Side:
    return Side.of(X, columns=columns)


X = np.random.default_rng(0).standard_normal((30, 3))


def test_another_order_of_columns_is_undone_and_said() -> None:
    source, target, schema = aligned(side(X, "a", "b", "c"), side(X[:, [2, 0, 1]], "c", "a", "b"))
    np.testing.assert_array_equal(source.X, target.X)
    assert schema.same
    assert "another order" in schema.notes[0]


def test_columns_of_one_side_only_are_named_and_left_out() -> None:
    source, target, schema = aligned(side(X, "a", "b", "old"), side(X, "new", "b", "a"))
    assert not schema.same
    assert (source.X.shape[1], target.X.shape[1], schema.shared) == (2, 2, 2)
    assert "'old'" in schema.reason
    assert "'new'" in schema.reason
    np.testing.assert_array_equal(target.X[:, 0], X[:, 2])


def test_nothing_shared_is_said() -> None:
    assert aligned(side(X, "a", "b", "c"), side(X, "d", "e", "f"))[2].shared == 0
    assert "no names tell" in aligned(side(X), side(X[:, :2]))[2].reason
    text = replace(side(X), domain=Domain("text"))
    assert "text samples" in aligned(side(X), text)[2].reason


def test_empty_columns_and_broken_rows_are_left_out() -> None:
    first, second = X.copy(), X.copy()
    second[:, 1] = np.nan
    first[4, 0] = np.inf
    source, target, schema = aligned(side(first, "a", "b", "c"), side(second, "a", "b", "c"))
    assert (len(source), len(target), schema.shared) == (29, 30, 2)
    assert source.domain.columns == ("a", "c")
    assert any("'b' mostly without values" in note for note in schema.notes)
    assert any("1 of 30 source rows" in note for note in schema.notes)


def test_constant_columns_and_other_units_are_noted() -> None:
    first, second = X.copy(), X.copy()
    first[:, 0] = second[:, 0] = 7
    second[:, 2] *= 1000
    schema = aligned(side(first, "a", "b", "c"), side(second, "a", "b", "c"))[2]
    assert any("'a' constant on both sides" in note for note in schema.notes)
    assert any("of the target's 'c' lie beyond the source's range" in note for note in schema.notes)
    assert schema.doubt.startswith("'c' spreads 1e+03 times as far")
    assert not aligned(side(first, "a", "b", "c"), side(first, "a", "b", "c"))[2].doubt


def test_rows_on_both_sides_are_found_dense_and_sparse() -> None:
    target = np.concatenate([X[:2] + 1, X[5:7]])
    expected = [False, False, True, True]
    for first, second in (
        (side(X), side(target)),
        (Side.of(sparse.csr_matrix(X)), Side.of(sparse.csr_matrix(target))),
    ):
        here, there = shared_rows(first, second)
        assert there.tolist() == expected
        assert np.flatnonzero(here).tolist() == [5, 6]
