"""Rows stay aligned whatever is chosen from a dataset."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from headstart.data.dataset import Dataset, Reject
from headstart.errors import DataError
from headstart.problem import Domain, Task


@pytest.fixture
def words() -> Dataset:
    return Dataset(
        Domain("text", "words"), Task(("no", "yes")), ("a", "b", "c"), np.array([1, -1, 0]), ids=("1st", "2nd", "3rd"),
        groups=("g", "h", "g"), parts=("train", "", "test"), rejects=(Reject("four", "empty"),), notes=("seen",),
    )  # fmt: skip


@pytest.mark.parametrize("rows", [[2, 0], np.array([True, False, True])])
def test_take_keeps_columns_together(words: Dataset, rows: object) -> None:
    chosen = words.take(rows)
    expected = [2, 0] if isinstance(rows, list) else [0, 2]
    assert chosen.items == tuple("abc"[row] for row in expected)
    assert chosen.ids == tuple(words.ids[row] for row in expected)
    assert chosen.labels.tolist() == [words.labels[row] for row in expected]
    assert chosen.parts == tuple(words.parts[row] for row in expected)  # type: ignore[index]
    assert chosen.rejects == ()


def test_labelled_and_counted(words: Dataset) -> None:
    assert words.labelled.tolist() == [0, 2]
    assert words.unlabelled.tolist() == [1]
    assert words.class_counts.tolist() == [1, 1]


def test_relabelling_goes_by_name(words: Dataset) -> None:
    other = words.relabelled(Task(("yes", "maybe")))
    assert other.labels.tolist() == [0, -1, -1]


def test_columns_of_other_lengths_and_codes_out_of_range_are_refused(words: Dataset) -> None:
    with pytest.raises(DataError, match="3 items but 2 ids"):
        replace(words, ids=("x", "y"))
    with pytest.raises(DataError, match="label codes run from"):
        replace(words, labels=np.array([0, 1, 2]))


def test_it_prints_what_was_left_out(words: Dataset) -> None:
    assert "1 left out, first: four: empty" in str(words)
    assert "note: seen" in str(words)
