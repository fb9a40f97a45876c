"""A table becomes texts, pictures or vectors, with labels, groups and parts in step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from headstart.data.readers.roles import Roles
from headstart.data.readers.table import dataset_of, table_of
from headstart.errors import DataError


def dataset(columns: dict[str, Any], folder: Path = Path(), **roles: Any) -> Any:
    return dataset_of(table_of(columns, folder=folder), Roles(**roles))


def test_texts_with_everything_beside_them() -> None:
    found = dataset(
        {"text": ["a", "b", "c"], "label": ["x", "y", ""], "who": ["p", None, "p"], "split": ["Train", "val", "test"]},
        group="who",
    )
    assert found.modality == "text"
    assert found.items == ("a", "b", "c")
    assert found.labels.tolist() == [0, 1, -1]
    assert found.parts == ("train", "validation", "test")
    assert found.groups[0] == found.groups[2] != found.groups[1]


def test_cells_that_hold_no_text_are_rejects() -> None:
    found = dataset({"text": ["a", ["b"], 3, None], "label": [1, 2, 1, 2]})
    assert found.items == ("a", "3", "")
    assert [(reject.id, reject.reason) for reject in found.rejects] == [("row 1", "the text is a list")]


def test_pictures_of_every_kind_of_cell(tmp_path: Path) -> None:
    image = Image.new("RGB", (2, 2), "red")
    cells = ["sub/a.jpg", {"bytes": b"xyz", "path": "b.jpg"}, {"bytes": None, "path": "c.jpg"}, b"raw", image, None, ""]
    found = dataset({"image": cells, "label": list("abababa")}, tmp_path)
    assert found.items[:4] == (tmp_path / "sub/a.jpg", b"xyz", tmp_path / "c.jpg", b"raw")
    assert np.array_equal(found.items[4], np.asarray(image))
    assert [reject.id for reject in found.rejects] == ["row 5", "row 6"]


def test_addresses_are_refused() -> None:
    with pytest.raises(DataError, match="download"):
        dataset({"image": ["https://example.org/a.jpg"]})


def test_sensor_rows_are_vectors_with_named_columns() -> None:
    found = dataset({"ax": ["1", "2", "bad"], "ay": [0.5, 0.25, 1.0], "label": ["up", "down", "up"]})
    assert found.modality == "vector"
    assert found.domain.columns == ("ax", "ay")
    assert found.items.matrix.tolist() == [[1, 0.5], [2, 0.25]]
    assert found.rejects[0].reason == "column 'ax' holds 'bad', not a number"


def test_columns_of_words_without_a_role_are_listed() -> None:
    with pytest.raises(DataError, match=r"'species'.*text=…, image=… or label=…"):
        dataset({"length": [1, 2], "species": ["a", "b"]})


def test_a_split_column_with_other_words_is_ignored_and_told() -> None:
    found = dataset({"text": ["a", "b"], "split": ["train", "monday"]})
    assert found.parts is None
    assert any("'monday'" in note for note in found.notes)


def test_no_rows_and_no_usable_rows_are_refused() -> None:
    with pytest.raises(DataError, match="no usable rows"):
        dataset({"text": [], "label": []})
    with pytest.raises(DataError, match="no usable rows; the first, row 0"):
        dataset({"text": [["a"]], "label": ["x"]})


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(DataError, match="differ in length"):
        table_of({"a": [1], "b": [1, 2]})
