"""Hugging Face datasets keep their names and parts, and their pictures stay undecoded."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from headstart.data.pictures import open_picture
from headstart.data.readers.hugging_face import HuggingFacePictures, is_hugging_face, read_hugging_face
from headstart.data.readers.roles import Roles
from headstart.errors import DataError

hub = pytest.importorskip("datasets")

Paint = Callable[..., bytes]


def texts(*words: str) -> object:
    features = hub.Features({"text": hub.Value("string"), "mood": hub.ClassLabel(names=["sad", "glad"])})
    return hub.Dataset.from_dict(
        {"text": list(words), "mood": [row % 2 for row in range(len(words))]}, features=features
    )


def test_texts_with_class_names() -> None:
    source = texts("a", "b", "c")
    assert is_hugging_face(source)
    found = read_hugging_face(source, Roles())
    assert found.items == ("a", "b", "c")
    assert [found.task.classes[code] for code in found.labels] == ["sad", "glad", "sad"]
    assert found.parts is None


def test_a_minus_one_is_unlabelled() -> None:
    features = hub.Features({"text": hub.Value("string"), "label": hub.ClassLabel(names=["x", "y"])})
    source = hub.Dataset.from_dict({"text": ["a", "b"], "label": [-1, 1]}, features=features)
    assert read_hugging_face(source, Roles()).labels.tolist() == [-1, 0]


def test_splits_become_parts() -> None:
    source = hub.DatasetDict({"train": texts("a", "b"), "test": texts("c")})
    found = read_hugging_face(source, Roles())
    assert found.parts == ("train", "train", "test")
    assert found.ids == ("train row 0", "train row 1", "test row 0")
    with pytest.raises(DataError, match="none of train, validation, test"):
        read_hugging_face(hub.DatasetDict({"all": texts("a")}), Roles())


def test_pictures_are_fetched_undecoded_and_when_asked_for(paint: Paint) -> None:
    cells = [{"bytes": paint(seed), "path": None} for seed in range(4)]
    features = hub.Features({"image": hub.Image(), "label": hub.ClassLabel(names=["x", "y"])})

    def part(rows: slice) -> object:
        return hub.Dataset.from_dict({"image": cells[rows], "label": [0, 1]}, features=features)

    found = read_hugging_face(hub.DatasetDict({"train": part(slice(0, 2)), "test": part(slice(2, 4))}), Roles())
    assert isinstance(found.items, HuggingFacePictures)
    assert [found.items[row] for row in range(4)] == [cell["bytes"] for cell in cells]
    chosen = found.take([3, 0]).items
    assert isinstance(chosen, HuggingFacePictures)
    assert list(chosen) == [cells[3]["bytes"], cells[0]["bytes"]]
    assert open_picture(chosen[0]).size == (24, 16)


def test_streams_and_unequal_columns_are_refused() -> None:
    with pytest.raises(DataError, match="streaming"):
        read_hugging_face(SimpleNamespace(features={}, column_names=["text"]), Roles())
    other = hub.Dataset.from_dict({"words": ["a"]})
    with pytest.raises(DataError, match="differ in columns"):
        read_hugging_face(hub.DatasetDict({"train": texts("a"), "test": other}), Roles())
