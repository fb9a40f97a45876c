"""What is in memory already: every shape that has one meaning is read, and every other refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from scipy import sparse
from sklearn.datasets import load_diabetes, load_digits, load_iris

from headstart.data.readers.arrays import read_arrays, read_bunch
from headstart.data.samples import VectorRows
from headstart.errors import DataError


@pytest.mark.parametrize(
    "X", [np.eye(3), np.eye(3, dtype=np.float32), sparse.csc_matrix(np.eye(3)), [[1, 0], [0, 1], [1, 1]]]
)
def test_matrices_are_vectors(X: Any) -> None:
    found = read_arrays(X, ["a", "b", "a"])
    assert found.modality == "vector"
    assert found.labels.tolist() == [0, 1, 0]
    assert found.ids == ("row 0", "row 1", "row 2")


def test_a_matrix_is_not_copied() -> None:
    X = np.eye(3)
    items = read_arrays(X).items
    assert isinstance(items, VectorRows)
    assert items.matrix is X


def test_pixels_are_pictures() -> None:
    assert read_arrays(np.zeros((5, 8, 8), np.uint8)).modality == "image"
    assert read_arrays(np.zeros((5, 8, 8, 3))).modality == "image"
    images = [Image.new("RGB", (2, 3)), np.zeros((3, 2), np.uint8), b"encoded", Path("x.jpg")]
    assert read_arrays(images).modality == "image"


def test_paths_are_pictures_and_name_their_rows() -> None:
    found = read_arrays([Path("a.jpg"), Path("b.jpg")])
    assert (found.modality, found.ids) == ("image", ("a.jpg", "b.jpg"))
    assert read_arrays(["a.jpg", "b.jpg"], modality="image").items == found.items


def test_strings_are_texts_unless_they_could_be_paths() -> None:
    assert read_arrays(["good", "bad"]).modality == "text"
    assert read_arrays(np.array(["good", "bad"], dtype=object), [1, 0]).modality == "text"
    assert read_arrays(["a.jpg"], modality="text").modality == "text"
    with pytest.raises(DataError, match="texts or paths"):
        read_arrays(["a.jpg", "b.png"])


def test_a_frame_brings_its_column_names() -> None:
    found = read_arrays(pd.DataFrame({"height": [1.0, 2.0], "width": [3.0, 4.0]}), pd.Series(["a", "b"]))
    assert found.domain.columns == ("height", "width")


def test_groups_have_one_value_per_row() -> None:
    assert read_arrays(np.eye(2), groups=[7, 7]).groups == ("7", "7")
    with pytest.raises(DataError, match="X has 2 rows and group has 3"):
        read_arrays(np.eye(2), groups=[1, 2, 3])


def test_digits_by_name_and_as_pictures() -> None:
    bunch = load_digits()
    found = read_bunch(bunch)
    assert (len(found), found.task.classes) == (1797, tuple("0123456789"))
    assert np.array_equal(found.labels, bunch.target)
    with pytest.raises(DataError, match=r"0 to 16; scale them to 0\.\.1"):
        read_bunch(bunch, modality="image")
    with pytest.raises(DataError, match="no 'images'"):
        read_bunch(load_iris(), modality="image")


@pytest.mark.parametrize("as_frame", [True, False])
def test_iris_has_named_classes_and_columns(as_frame: bool) -> None:
    found = read_bunch(load_iris(as_frame=as_frame))
    assert found.task.classes == ("setosa", "versicolor", "virginica")
    assert found.domain.columns[0] == "sepal length (cm)"


def test_a_regression_bunch_is_refused() -> None:
    with pytest.raises(DataError, match="classification needs classes"):
        read_bunch(load_diabetes())


@pytest.mark.parametrize(
    ("X", "y", "told"),
    [
        (np.eye(3), [0, 1], "X has 3 rows and y has 2"),
        (np.eye(3), np.zeros((3, 2)), "one value per sample"),
        (np.zeros(3), None, r"vectors are \(n, d\)"),
        (np.zeros((0, 3)), None, "no samples"),
        ([], None, "no samples"),
        (np.eye(3) * 1j, None, "real numbers"),
        (np.zeros((2, 3, 8, 8)), None, "channels come last"),
        (np.zeros((2, 8, 8), np.int64), None, "uint8"),
        (["text", b"bytes", 3], None, "not mixed"),
        (object(), None, "samples are a object"),
    ],
)
def test_what_has_no_one_meaning_is_refused(X: Any, y: Any, told: str) -> None:
    with pytest.raises(DataError, match=told):
        read_arrays(X, y)


def test_another_modality_than_the_samples_is_refused() -> None:
    with pytest.raises(DataError, match="modality='text', but"):
        read_arrays(np.eye(3), modality="text")
