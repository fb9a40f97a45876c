"""What the picture shows."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from headstart.diagnosis.picture import MOST_POINTS, example_pairs, picture_of, telling_columns
from headstart.diagnosis.side import Side


def test_the_column_that_moved_comes_first_dense_and_sparse() -> None:
    rng = np.random.default_rng(0)
    first, second = rng.standard_normal((200, 4)), rng.standard_normal((200, 4))
    second[:, 2] -= 2
    rows = np.arange(200), np.arange(200)
    columns = ("a", "b", "c", "d")
    name, shift = telling_columns((Side.of(first, columns=columns), Side.of(second)), rows)[0]
    assert name == "c"
    assert shift == pytest.approx(-2, abs=0.3)
    second[:, 0] *= 4
    assert telling_columns((Side.of(first), Side.of(second)), rows)[1][0] == "column 0, spread"
    wide = tuple(Side.of(sparse.csr_matrix(X)) for X in (first, second))
    assert telling_columns((wide[0], wide[1]), rows)[0][0] == "column 2"


def test_arrows_go_from_class_mean_to_class_mean() -> None:
    sides = np.array([[0.0, 0], [2, 0]]), np.array([[1.0, 1], [5, 5]])
    labels = np.array([0, 0]), np.array([0, -1])
    found = picture_of(sides, labels, ("a", "b"), (), rng=np.random.default_rng(0))
    assert found.arrows == (("a", 1.0, 0.0, 1.0, 1.0),)
    assert found.source == ((0.0, 0.0), (2.0, 0.0))


def test_one_component_is_drawn_on_a_line() -> None:
    unknown = np.full(3, -1), np.full(2, -1)
    found = picture_of((np.ones((3, 1)), np.ones((2, 1))), unknown, (), (), rng=np.random.default_rng(0))
    assert found.target == ((1.0, 0.0), (1.0, 0.0))


def test_rows_sorted_by_class_are_all_drawn_from() -> None:
    labels = np.repeat([0, 1, 2], 500)
    place = np.c_[labels * 10.0, labels * 0.0]
    found = picture_of((place, place), (labels, labels), ("a", "b", "c"), (), rng=np.random.default_rng(0))
    assert {x for x, _ in found.source} == {0.0, 10.0, 20.0}
    assert len(found.source) == MOST_POINTS
    assert [arrow[0] for arrow in found.arrows] == ["a", "b", "c"]


def test_examples_are_the_least_source_like_rows_and_their_neighbours() -> None:
    source, target = np.array([[0.0], [4.0], [9.0]]), np.array([[0.1], [8.0]])
    assert example_pairs(source, target, np.array([0.2, 0.9])) == [(1, 2), (0, 0)]
