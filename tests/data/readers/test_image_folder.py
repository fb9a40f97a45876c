"""Where a picture lies says its class and its part; nothing is opened; nothing is lost without a word."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from headstart.data.readers.image_folder import read_folder
from headstart.errors import DataError

Paint = Callable[..., bytes]


def touch(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"not opened by the reader")
    return root


def labels(root: Path) -> dict[str, str]:
    found = read_folder(root)
    return {id: found.task.classes[code] if code >= 0 else "" for id, code in zip(found.ids, found.labels, strict=True)}


def test_class_folders_in_natural_order(tmp_path: Path) -> None:
    root = touch(tmp_path, "10/a.jpg", "2/b.PNG", "1/c.webp", "2/deeper/d.jpg")
    found = read_folder(root)
    assert found.task.classes == ("1", "2", "10")
    assert labels(root) == {"10/a.jpg": "10", "2/b.PNG": "2", "1/c.webp": "1", "2/deeper/d.jpg": "2"}
    assert any("deeper" in note for note in found.notes)
    assert found.parts is None
    assert found.domain.name == tmp_path.name


@pytest.mark.parametrize(
    ("folder", "part"), [("val", "validation"), ("Valid", "validation"), ("validation", "validation"), ("test", "test")]
)
def test_parts_are_recognised(tmp_path: Path, folder: str, part: str) -> None:
    found = read_folder(touch(tmp_path, "train/a/1.jpg", "train/b/2.jpg", f"{folder}/a/3.jpg"))
    assert found.task.classes == ("a", "b")
    assert dict(zip(found.ids, found.parts or (), strict=True))[f"{folder}/a/3.jpg"] == part


def test_a_test_part_without_classes_is_unlabelled(tmp_path: Path) -> None:
    root = touch(tmp_path, "train/a/1.jpg", "train/b/2.jpg", "test/3.jpg")
    assert labels(root)["test/3.jpg"] == ""
    assert read_folder(root).task.classes == ("a", "b")


def test_a_class_may_be_called_train(tmp_path: Path) -> None:
    found = read_folder(touch(tmp_path, "train/1.jpg", "bus/2.jpg"))
    assert found.task.classes == ("bus", "train")
    assert found.parts is None
    assert any("'train'" in note for note in found.notes)
    assert read_folder(touch(tmp_path / "sides", "train/1.jpg", "test/2.jpg")).task.classes == ("test", "train")


def test_unlabelled_folders_and_loose_pictures(tmp_path: Path) -> None:
    root = touch(tmp_path, "a/1.jpg", "b/2.jpg", "unlabelled/x/3.jpg", "Unlabeled/4.jpg", "5.jpg")
    assert [id for id, label in labels(root).items() if not label] == ["5.jpg", "Unlabeled/4.jpg", "unlabelled/x/3.jpg"]
    assert any("no class folder" in note for note in read_folder(root).notes)


def test_unlabelled_beside_and_inside_parts(tmp_path: Path) -> None:
    root = touch(tmp_path, "train/a/1.jpg", "val/a/2.jpg", "unlabelled/3.jpg", "train/unlabeled/4.jpg")
    found = read_folder(root)
    assert labels(root) == {
        "train/a/1.jpg": "a", "val/a/2.jpg": "a", "unlabelled/3.jpg": "", "train/unlabeled/4.jpg": ""
    }  # fmt: skip
    assert dict(zip(found.ids, found.parts or (), strict=True))["unlabelled/3.jpg"] == ""


def test_hidden_files_are_skipped_and_other_files_told(tmp_path: Path) -> None:
    found = read_folder(
        touch(tmp_path, "a/1.jpg", "a/.DS_Store", ".cache/x/2.jpg", "__MACOSX/a/._1.jpg", "a/notes.txt")
    )
    assert found.ids == ("a/1.jpg",)
    assert found.task.classes == ("a",)
    assert any(".txt" in note for note in found.notes)


def test_pictures_with_odd_endings_are_known_by_their_first_bytes(tmp_path: Path, paint: Paint) -> None:
    touch(tmp_path, "a/plain.jpg", "a/readme")
    for name, format in (("a/one", "JPEG"), ("a/two.dat", "PNG"), ("a/three.x", "WEBP")):
        (tmp_path / name).write_bytes(paint(1, format=format))
    assert read_folder(tmp_path).ids == ("a/one", "a/plain.jpg", "a/three.x", "a/two.dat")


def test_other_kinds_of_pictures_are_rejects(tmp_path: Path) -> None:
    found = read_folder(touch(tmp_path, "a/1.jpg", "a/2.HEIC"))
    assert [(reject.id, "convert" in reject.reason) for reject in found.rejects] == [("a/2.HEIC", True)]


def test_directories_named_like_pictures_and_loops_are_rejects(tmp_path: Path) -> None:
    touch(tmp_path, "a/1.jpg", "a/2.jpg/inside.jpg")
    (tmp_path / "a" / "loop").symlink_to(tmp_path / "a")
    found = read_folder(tmp_path)
    assert found.ids == ("a/1.jpg",)
    assert {reject.id: reject.reason for reject in found.rejects} == {
        "a/2.jpg": "a directory, not a file", "a/loop": "a link to a folder that it lies in"
    }  # fmt: skip


def test_links_to_folders_elsewhere_are_followed(tmp_path: Path) -> None:
    touch(tmp_path / "elsewhere", "1.jpg")
    touch(tmp_path / "photos", "a/2.jpg")
    (tmp_path / "photos" / "b").symlink_to(tmp_path / "elsewhere")
    assert labels(tmp_path / "photos") == {"a/2.jpg": "a", "b/1.jpg": "b"}


def test_broken_links_stay_among_the_rows_for_preflight_to_find(tmp_path: Path) -> None:
    touch(tmp_path, "a/1.jpg")
    (tmp_path / "a" / "2.jpg").symlink_to(tmp_path / "gone.jpg")
    assert read_folder(tmp_path).ids == ("a/1.jpg", "a/2.jpg")


def test_a_wrapping_folder_is_pointed_at(tmp_path: Path) -> None:
    found = read_folder(touch(tmp_path, "flowers/rose/1.jpg", "flowers/tulip/2.jpg"))
    assert any(f"read '{tmp_path / 'flowers'}'" in note for note in found.notes)


@pytest.mark.parametrize(
    ("files", "told"),
    [((), "is empty"), (("a/1.txt", "a/2.txt"), "only 2 .txt"), (("photos.csv",), "read the file itself")],
)
def test_a_folder_without_pictures_is_refused(tmp_path: Path, files: tuple[str, ...], told: str) -> None:
    with pytest.raises(DataError, match=told):
        read_folder(touch(tmp_path, *files))
