"""Columns of numbers become the matrix that numpy would make; empty cells are NaN, words are rejects."""

from __future__ import annotations

import numpy as np

from headstart.data.readers.measurements import is_numeric, rows_of


def test_numbers_in_any_dress() -> None:
    rows, bad, _ = rows_of({"a": ("1", " 2.5", "-3e2"), "b": [True, 2, 3.5], "c": np.array([1, 2, 3], np.int8)})
    assert rows.matrix.tolist() == [[1, 1, 1], [2.5, 2, 2], [-300, 3.5, 3]]
    assert bad == {}


def test_empty_cells_are_nan_and_words_name_their_row() -> None:
    rows, bad, _ = rows_of({"a": ("1", "", "NA", "much"), "b": (None, "2", "?", "3")})
    assert np.isnan(rows.matrix).tolist() == [[False, True], [True, False], [True, True], [True, False]]
    assert bad == {3: "column 'a' holds 'much', not a number"}


def test_numeric_columns_are_told_from_words() -> None:
    assert is_numeric(("1", "2", "", "x"))
    assert is_numeric(np.array([1.0, np.nan]))
    assert not is_numeric(("one", "two", "3"))
    assert not is_numeric(("", None))
    assert not is_numeric(("1,5", "2,5"))


def test_a_column_that_only_numbers_the_rows_is_noted() -> None:
    assert "counts as a measurement" in rows_of({"id": (1, 2), "a": (3, 4)})[2][0]
