"""Preflight keeps what can be used, lists what cannot, and says what would spoil a result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from headstart.data.dataset import Reject
from headstart.data.inspection import left_out_of, preflight, require_learnable
from headstart.data.reading import read
from headstart.data.samples import digest
from headstart.errors import DataError

Paint = Callable[..., bytes]


def spoil(photos: Path, paint: Paint) -> dict[str, str]:
    """Add one broken picture of every kind; returns its id and a word of the reason."""
    ants = photos / "ants"
    (ants / "empty.jpg").write_bytes(b"")
    (ants / "half.jpg").write_bytes(paint(1, size=(64, 64))[:900])
    (ants / "text.jpg").write_text("dear diary, this is no picture")
    (ants / "gone.jpg").symlink_to(ants / "nowhere.jpg")
    (ants / "folder.jpg").mkdir()
    return {
        "ants/empty.jpg": "empty", "ants/half.jpg": "truncated", "ants/text.jpg": "text file",
        "ants/gone.jpg": "missing", "ants/folder.jpg": "directory",
    }  # fmt: skip


def test_broken_pictures_are_listed_with_reasons_and_rows_stay_aligned(photos: Path, paint: Paint) -> None:
    expected = spoil(photos, paint)
    found = preflight(read(photos))
    assert {reject.id for reject in found.rejects} == set(expected)
    assert all(expected[reject.id] in reject.reason for reject in found.rejects)
    assert found.dataset.rejects == found.rejects
    assert len(found.dataset) == 12
    for id, label, item, name in zip(
        found.dataset.ids, found.dataset.labels, found.dataset.items, found.dataset.digests or (), strict=True
    ):
        assert id.startswith(found.dataset.task.classes[label])
        assert name == digest(item)
    assert any("cannot be used" in warning for warning in found.warnings)


def test_nothing_usable_names_the_most_common_reasons(tmp_path: Path) -> None:
    for number in range(3):
        file = tmp_path / "a" / f"{number}.jpg"
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(b"" if number else b"words")
    with pytest.raises(DataError, match=r"none of the 3 samples can be used: 2 x empty.*first: a/0.jpg"):
        preflight(read(tmp_path))


def test_clean_data_stays_as_it_is(photos: Path) -> None:
    dataset = read(photos)
    found = preflight(dataset)
    assert found.dataset.items is dataset.items
    assert found.warnings == found.rejects == found.duplicates == found.conflicts == ()


def test_copies_and_contradictions() -> None:
    found = preflight(read((["a", "a", "b", "b", "c", "d"], ["x", "x", "x", "y", "y", "x"])))
    assert found.duplicates == (("row 0", "row 1"), ("row 2", "row 3"))
    assert found.conflicts == (("row 2", "row 3"),)
    assert found.dataset.labels.tolist() == [0, 0, -1, -1, 1, 0]
    assert sum("copies" in warning or "different labels" in warning for warning in found.warnings) == 2


def test_an_unlabelled_copy_contradicts_nobody() -> None:
    found = preflight(read((["a", "a", "b"], ["x", None, "y"])))
    assert found.conflicts == ()
    assert found.dataset.labels.tolist() == [0, -1, 1]


def test_a_class_that_nothing_is_left_of_is_dropped() -> None:
    found = preflight(read((["a", "b", "", "c"], ["x", "y", "z", "z"])).take([0, 1, 2]))
    assert found.dataset.task.classes == ("x", "y")
    assert found.dataset.labels.tolist() == [0, 1]
    assert any("class z" in warning for warning in found.warnings)


def test_rows_with_nan_are_left_out() -> None:
    X = np.arange(12.0).reshape(4, 3)
    X[2, 1] = np.nan
    found = preflight(read((X, [0, 1, 0, 1])))
    assert len(found.dataset) == 3
    assert [(reject.id, reject.reason) for reject in found.rejects] == [("row 2", "NaN in column 1")]
    assert np.array_equal(found.dataset.items.matrix, X[[0, 1, 3]])  # type: ignore[attr-defined]


def test_leaks_between_given_parts_are_told() -> None:
    columns = {"text": ["a", "b", "a"], "label": ["x", "y", "x"], "split": ["train", "train", "test"]}
    assert any("leaks" in warning for warning in preflight(read(columns)).warnings)


def test_single_samples_and_one_sided_classes_are_told() -> None:
    texts = [f"text {number}" for number in range(40)]
    warnings = preflight(read((texts, ["rare", *["usual"] * 39]))).warnings
    assert any("single sample" in warning and "rare" in warning for warning in warnings)
    assert any("98% of the labelled samples are 'usual'" in warning for warning in warnings)
    assert preflight(read((texts, ["a", "b"] * 20))).warnings == ()


def test_it_prints_what_it_found(photos: Path, paint: Paint) -> None:
    spoil(photos, paint)
    printed = str(preflight(read(photos)))
    assert "12 samples can be used, 5 cannot" in printed
    assert "left out: ants/half.jpg: truncated" in printed


def test_labels_of_two_classes_are_required(tmp_path: Path) -> None:
    require_learnable(read((["a", "b", "c"], ["x", "y", "x"])))
    (tmp_path / "a.csv").write_text("text,mood\na,up\nb,down\n")
    with pytest.raises(DataError, match=r"none of the 2 samples has a label.*other columns: 'mood'"):
        require_learnable(read(tmp_path / "a.csv"))
    with pytest.raises(DataError, match="all 2 labelled samples are 'x'"):
        require_learnable(read((["a", "b"], ["x", "x"])))
    with pytest.raises(DataError, match="each of the 3 classes has one sample"):
        require_learnable(read((["a", "b", "c"], ["x", "y", "z"])))


def test_one_sample_per_class_is_enough_beside_a_given_test_part() -> None:
    columns = {"text": list("abcd"), "label": list("xyzy"), "split": ["train", "train", "test", "test"]}
    dataset = read(columns)
    require_learnable(dataset.take([0, 1, 2]))
    with pytest.raises(DataError, match="one sample"):
        require_learnable(dataset.take([0, 1]))


def test_real_duplicates_are_found(shared_data: Path) -> None:
    """Counted independently: md5sum over the folder's files."""
    import hashlib

    folder = shared_data / "images" / "office_caltech10" / "amazon"
    files = [path for path in folder.rglob("*") if path.is_file()]
    contents = {hashlib.md5(path.read_bytes()).digest() for path in files}
    found = preflight(read(folder))
    assert sum(len(ids) - 1 for ids in found.duplicates) == len(files) - len(contents) > 0


def test_what_is_left_out_of_several_is_told_of_those_that_lack_something() -> None:
    whole = read((["good", "bad"] * 3, ["a", "b"] * 3), name="whole")
    lacking = replace(whole, rejects=(Reject("four", "empty"), Reject("five", "empty")))
    assert left_out_of([whole, lacking]) == ("left out of whole: 2, first: four: empty",)
