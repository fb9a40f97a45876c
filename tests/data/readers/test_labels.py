"""Classes are names in natural order; what is no class is refused."""

from __future__ import annotations

import random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.data.readers.labels import encode
from headstart.errors import DataError


def test_natural_order_counts_numbers_by_value() -> None:
    assert encode(["item 10", "item 2", "item 1"]).task.classes == ("item 1", "item 2", "item 10")
    assert encode(["10", "2", "-1"]).task.classes == ("-1", "2", "10")


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=4), min_size=1))
def test_codes_name_the_label_of_their_row(labels: list[str]) -> None:
    try:
        coded = encode(labels)
    except DataError:
        return
    assert len(coded.codes) == len(labels)
    shuffled = labels.copy()
    random.Random(0).shuffle(shuffled)
    assert encode(shuffled).task == coded.task
    for label, code in zip(labels, coded.codes, strict=True):
        assert (code == -1) == (not label.strip())
        if label.strip() and label.isascii():
            assert coded.task.classes[code] == label.strip()


def test_missing_is_unlabelled_in_every_spelling() -> None:
    values = ["a", "", "  ", None, float("nan"), np.nan, pd.NA, pd.NaT, "b"]
    assert encode(values).codes.tolist() == [0, -1, -1, -1, -1, -1, -1, -1, 1]


def test_blanks_are_trimmed_and_merged_classes_told() -> None:
    coded = encode(["cat", "cat ", "dog"])
    assert coded.task.classes == ("cat", "dog")
    assert coded.codes.tolist() == [0, 0, 1]
    assert any("'cat '" in note for note in coded.notes)
    assert encode(["cat ", "cat ", "dog"]).notes == ()


def test_equal_letters_written_differently_are_one_class() -> None:
    assert encode(["caf\u00e9", "cafe\u0301"]).task.n_classes == 1


def test_classes_that_differ_in_case_are_told() -> None:
    assert any("case" in note for note in encode(["Cat", "cat", "dog"]).notes)


def test_one_and_one_point_nought_are_one_class() -> None:
    assert encode([1, 1.0, np.int64(1), 2.0]).task.classes == ("1", "2")


def test_minus_one_is_unlabelled_among_codes_but_a_class_beside_plus_one() -> None:
    among_codes = encode(np.array([0, 1, -1, 2]))
    assert among_codes.codes.tolist() == [0, 1, -1, 2]
    assert any("unlabelled" in note for note in among_codes.notes)
    assert encode(np.array([-1.0, 1.0])).task.classes == ("-1", "1")


def test_names_rename_codes() -> None:
    coded = encode([0, 1, 0], names=["wolf", "ant"])
    assert coded.task.classes == ("ant", "wolf")
    assert coded.codes.tolist() == [1, 0, 1]


@pytest.mark.parametrize(
    "values",
    [
        np.random.default_rng(0).normal(size=30),
        [str(value) for value in np.random.default_rng(0).normal(size=30)],
        np.random.default_rng(0).integers(20, 400, 60),
        [0.5, 1.25, 7.75],
    ],
)
def test_a_continuous_target_is_refused(values: object) -> None:
    with pytest.raises(DataError, match="classification needs classes"):
        encode(values)  # type: ignore[arg-type]


@pytest.mark.parametrize("values", [[1, 2, 3, 4, 5] * 3, [0.5, 1.5, 2.5] * 9, ["1.5", "2.5"], list(range(10)) * 30])
def test_few_numbers_are_classes(values: list[float]) -> None:
    assert encode(values).task.n_classes == len(set(values))


def test_several_labels_in_one_cell_are_refused() -> None:
    with pytest.raises(DataError, match="one sample has one label"):
        encode([["a", "b"], ["c"]])
