"""One door for everything that samples come in; options that would be ignored are refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.datasets import dump_svmlight_file, load_iris
from sklearn.utils import Bunch

from headstart.data.dataset import Dataset
from headstart.data.reading import read
from headstart.errors import DataError, UnknownName

COLUMNS = {"review": ["good", "bad", "fine"], "mood": ["up", "down", "up"]}
ROLES = {"text": "review", "label": "mood"}


def same(found: Dataset) -> bool:
    names = [found.task.classes[code] for code in found.labels]
    return list(found.items) == COLUMNS["review"] and names == COLUMNS["mood"] and found.modality == "text"


def test_the_same_rows_from_every_kind_of_table(tmp_path: Path) -> None:
    frame = pd.DataFrame(COLUMNS)
    frame.to_csv(tmp_path / "a.csv", index=False)
    frame.to_csv(tmp_path / "a.tsv", index=False, sep="\t")
    frame.to_csv(tmp_path / "semicolons.csv", index=False, sep=";", encoding="utf-16")
    frame.to_json(tmp_path / "a.jsonl", orient="records", lines=True)
    frame.to_json(tmp_path / "a.json", orient="records")
    frame.to_parquet(tmp_path / "a.parquet")
    for path in sorted(tmp_path.iterdir()):
        assert same(read(path, **ROLES)), path.name
        assert same(read(str(path), **ROLES))
    assert same(read(frame, **ROLES))
    assert same(read(COLUMNS, **ROLES))
    assert same(read((COLUMNS["review"], COLUMNS["mood"])))


def test_the_same_vectors_from_every_kind_of_numbers(tmp_path: Path) -> None:
    X = np.round(np.random.default_rng(0).normal(size=(6, 3)), 3)
    y = np.array([0, 1, 0, 1, 0, 1])
    np.savez(tmp_path / "a.npz", X=X, y=y)
    dump_svmlight_file(X, y, str(tmp_path / "a.svmlight"))
    frame = pd.DataFrame(X, columns=["a", "b", "c"]).assign(label=y)
    frame.to_csv(tmp_path / "a.csv", index=False)
    sources: list[Any] = [
        *sorted(tmp_path.iterdir()),
        (X, y),
        (sparse.csr_matrix(X), y),
        frame,
        Bunch(data=X, target=y),
    ]
    for source in sources:
        found = read(source)
        matrix = found.items.matrix  # type: ignore[attr-defined]
        assert found.modality == "vector"
        assert np.allclose(matrix.toarray() if sparse.issparse(matrix) else matrix, X)
        assert found.task.classes == ("0", "1")
        assert np.array_equal(found.labels, y)


def test_a_folder_and_a_table_of_its_paths_agree(photos: Path) -> None:
    folder = read(photos)
    rows = [{"file": id, "label": id.split("/")[0]} for id in folder.ids]
    pd.DataFrame(rows).to_csv(photos / "index.csv", index=False)
    table = read(photos / "index.csv")
    assert table.items == folder.items
    assert np.array_equal(table.labels, folder.labels)
    assert table.modality == folder.modality == "image"
    assert any("'file'" in note for note in table.notes)


def test_a_dict_may_have_columns_called_data_and_target() -> None:
    assert read({"data": ["a", "b"], "target": ["x", "y"]}, text="data").task.classes == ("x", "y")


def test_names_name_the_domain(photos: Path) -> None:
    assert read(photos).domain.name == "photos"
    assert read(photos, name="insects").domain.name == "insects"
    assert read(load_iris(), name="iris").domain.name == "iris"


def test_a_dataset_stays_as_it_is() -> None:
    dataset = read((["a", "b"], [0, 1]))
    assert read(dataset) is dataset
    with pytest.raises(DataError, match="read already"):
        read(dataset, name="other")


def test_groups_by_column_and_by_value() -> None:
    assert read({**COLUMNS, "who": [1, 1, 2]}, **ROLES, group="who").groups == ("1", "1", "2")
    assert read((np.eye(3), [0, 1, 0]), group=["a", "a", "b"]).groups == ("a", "a", "b")
    with pytest.raises(DataError, match="names a column"):
        read(COLUMNS, **ROLES, group=[1, 2, 3])


def test_a_missing_path_names_the_last_folder_that_exists(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=f"does not exist.*{tmp_path}"):
        read(tmp_path / "photos" / "more")
    (tmp_path / "link").symlink_to(tmp_path / "gone")
    with pytest.raises(DataError, match="is a link to"):
        read(tmp_path / "link")


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is empty"):
        read(tmp_path)


def test_a_wrong_column_offers_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("review,mood\ngood,up\n")
    with pytest.raises(UnknownName, match="Did you mean 'mood'"):
        read(tmp_path / "a.csv", text="review", label="moods")


@pytest.mark.parametrize(
    ("source", "options", "told"),
    [
        ("https://example.org/photos.zip", {}, "download"),
        ((np.eye(2), [0, 1]), {"label": "y"}, "no columns"),
        (np.eye(2), {"modality": "text"}, "modality='text'"),
        (COLUMNS, {"modality": "image"}, "which column holds the image"),
        (COLUMNS, {"modality": "sound"}, "Unknown modality"),
        (7, {}, "samples are a int"),
    ],
)
def test_misuse(source: Any, options: dict[str, str], told: str) -> None:
    with pytest.raises((DataError, UnknownName), match=told):
        read(source, **options)


def test_options_that_a_folder_or_a_file_of_numbers_cannot_use_are_refused(photos: Path, tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", X=np.eye(2))
    with pytest.raises(DataError, match="name columns of a table"):
        read(photos, label="species")
    with pytest.raises(DataError, match="name columns of a table"):
        read(tmp_path / "a.npz", label="species")
    with pytest.raises(DataError, match="read as pictures"):
        read(photos, modality="text")
    with pytest.raises(DataError, match="is one picture"):
        read(photos / "ants" / "0.jpg")


def test_frames_with_two_columns_of_one_name_are_refused() -> None:
    with pytest.raises(DataError, match="several columns"):
        read(pd.DataFrame([["a", "b"]], columns=["text", "text"]))


def test_real_data_is_read_as_described(shared_data: Path) -> None:
    assert read(shared_data / "images" / "flowers").class_counts.tolist() == [160] * 5
    assert set(read(shared_data / "images" / "hymenoptera").parts or ()) == {"train", "validation"}
    reviews = read(shared_data / "text" / "movie_reviews.csv")
    assert (len(reviews), len(reviews.rejects), reviews.task.classes) == (10_662, 0, ("negative", "positive"))
