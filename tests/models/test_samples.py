"""Command-line arguments become rows: one each, in the order given."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from headstart.errors import DataError
from headstart.models.model import Model
from headstart.models.samples import picture_files, samples_from_arguments
from headstart.problem import Domain


@pytest.fixture
def of_pictures(model: Model) -> Model:
    return replace(model, domain=Domain("image"))


@pytest.fixture
def of_texts(model: Model) -> Model:
    return replace(model, domain=Domain("text"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("10.png", "2.png", "deep/1.JPG", ".hidden.png", "notes.txt"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        Image.fromarray(np.zeros((2, 2), np.uint8)).save(file, "PNG")
    return tmp_path


def test_a_folder_gives_its_pictures_in_natural_order(folder: Path) -> None:
    assert [file.relative_to(folder).as_posix() for file in picture_files(folder)] == ["2.png", "10.png", "deep/1.JPG"]


def test_files_and_folders_in_the_order_given(of_pictures: Model, folder: Path) -> None:
    arguments = [str(folder / "missing.png"), str(folder / "deep"), str(folder / "2.png")]
    dataset = samples_from_arguments(of_pictures, arguments, io.StringIO())
    assert [Path(id_).name for id_ in dataset.ids] == ["missing.png", "1.JPG", "2.png"]


def test_a_list_on_standard_input(of_pictures: Model, of_texts: Model) -> None:
    paths = samples_from_arguments(of_pictures, ["-"], io.StringIO("a.png\n\nb.png\n"))
    assert list(paths.items) == [Path("a.png"), Path("b.png")]
    texts = samples_from_arguments(of_texts, ["-"], io.StringIO("one\n\ntwo\r\n"))
    assert list(texts.items) == ["one", "", "two"]  # an empty line is a row of its own: rows stay aligned


def test_a_table_of_texts(of_texts: Model, tmp_path: Path) -> None:
    table = tmp_path / "new.csv"
    table.write_text("id,review\n1,good\n2,bad\n")
    assert list(samples_from_arguments(of_texts, [str(table)], io.StringIO()).items) == ["good", "bad"]


def test_misuse(of_pictures: Model, of_texts: Model, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no samples named"):
        samples_from_arguments(of_pictures, [], io.StringIO())
    with pytest.raises(DataError, match="no pictures in"):
        samples_from_arguments(of_pictures, [str(tmp_path)], io.StringIO())
    with pytest.raises(DataError, match="reads text"):
        samples_from_arguments(of_texts, ["a.csv", "b.csv"], io.StringIO())
