"""Columns are taken as named; guesses are made only where one reading is possible, and said."""

from __future__ import annotations

import pytest

from headstart.data.readers.roles import Roles, assign
from headstart.errors import DataError, UnknownName


def test_a_wrong_name_offers_the_nearest() -> None:
    with pytest.raises(UnknownName, match="Did you mean 'review'"):
        assign(["review", "label"], Roles(text="reveiw"))


def test_a_wrong_name_among_very_many_columns_stays_short() -> None:
    columns = [f"column_{number}" for number in range(5000)]
    with pytest.raises(UnknownName) as caught:
        assign(columns, Roles(label="colum_17"))
    assert "column_17" in str(caught.value)
    assert len(str(caught.value)) < 500


def test_usual_names_are_found_and_unusual_ones_announced() -> None:
    roles, notes = assign(["Review", "category", "extra"], Roles())
    assert (roles.text, roles.label) == ("Review", "category")
    assert len(notes) == 2
    assert assign(["text", "label"], Roles()) == (Roles(text="text", label="label"), ())


@pytest.mark.parametrize("columns", [["text", "image", "label"], ["text", "review"], ["text", "label", "class"]])
def test_two_readings_are_refused(columns: list[str]) -> None:
    with pytest.raises(DataError, match="could"):
        assign(columns, Roles())


def test_naming_one_column_settles_it() -> None:
    assert assign(["text", "review", "label"], Roles(text="review"))[0].text == "review"
    assert assign(["text", "image", "label"], Roles(image="image"))[0].text is None
    assert assign(["text", "image", "label"], Roles(modality="text"))[0].text == "text"


def test_text_and_image_together_are_refused() -> None:
    with pytest.raises(DataError, match="one or the other"):
        assign(["a", "b"], Roles(text="a", image="b"))


def test_a_modality_without_its_column_lists_the_columns() -> None:
    with pytest.raises(DataError, match="columns: 'foo', 'bar'"):
        assign(["foo", "bar"], Roles(modality="text"))


def test_a_missing_label_and_a_likely_group_are_noted() -> None:
    _, notes = assign(["text", "patient"], Roles())
    assert any("no label column" in note and "'patient'" in note for note in notes)
    assert any("group='patient'" in note for note in notes)
