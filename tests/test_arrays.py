"""Shapes and finiteness are checked once, and the message says what was given."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.arrays import as_matrix, finite_rows, same_length
from headstart.errors import DataError


def test_float32_stays_and_everything_else_becomes_float64() -> None:
    assert as_matrix(np.zeros((2, 3), np.float32)).dtype == np.float32
    assert as_matrix([[1, 2], [3, 4]]).dtype == np.float64
    assert as_matrix(np.ones((2, 2), np.float16)).dtype == np.float64


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (np.zeros(3), r"X must be a matrix \(rows are samples\), got shape \(3,\)"),
        (np.zeros((2, 2, 2)), r"got shape \(2, 2, 2\)"),
        (np.zeros((0, 4)), r"X is empty: shape \(0, 4\)"),
        (np.zeros((4, 0)), r"X is empty: shape \(4, 0\)"),
        ([[0.0, 1.0], [np.nan, 1.0], [np.inf, 0.0]], r"NaN or infinity in 2 of 3 rows, first in row 1; fill them in"),
        ([["a", "b"]], r"X must hold numbers: could not convert string to float.*encode"),
    ],
)
def test_what_is_no_matrix_is_refused_in_words(given: object, said: str) -> None:
    with pytest.raises(DataError, match=said):
        as_matrix(given)


def test_the_name_of_the_argument_is_used() -> None:
    with pytest.raises(DataError, match=r"^source is empty"):
        as_matrix(np.zeros((0, 2)), name="source")


def test_finite_rows_looks_at_every_number() -> None:
    cube = np.zeros((4, 2, 3))
    cube[1, 1, 2], cube[3, 0, 0] = np.nan, -np.inf
    np.testing.assert_array_equal(finite_rows(cube), [True, False, True, False])


def test_lengths_must_match_one_to_one() -> None:
    same_length([1, 2], "ab")
    with pytest.raises(DataError, match="weights has 3 rows and y has 2"):
        same_length([1, 2, 3], [1, 2], names=("weights", "y"))
