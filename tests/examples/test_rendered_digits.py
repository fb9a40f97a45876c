"""Rendered digits go the way of the handwritten ones: same form, ink and place; one seed gives one set of bytes."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits
from sklearn.neighbors import KNeighborsClassifier

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.fixture(scope="module")
def digits() -> ModuleType:
    """The example's own module, which is no part of the package."""
    pytest.importorskip("matplotlib")
    spec = importlib.util.spec_from_file_location("rendered_digits", EXAMPLES / "rendered_digits.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["rendered_digits"] = module
    spec.loader.exec_module(module)
    return module


def flat(pictures: np.ndarray) -> np.ndarray:
    return pictures.reshape(len(pictures), -1) / 16.0


def test_every_font_draws_ten_different_digits(digits: ModuleType) -> None:
    assert len(digits.fonts()) > 10
    for font in digits.fonts():
        glyphs = [np.asarray(digits.glyph(font, str(digit))) for digit in range(10)]
        assert len({glyph.tobytes() for glyph in glyphs}) == 10, font  # boxes for missing glyphs are all alike
        for glyph in glyphs:
            assert glyph.any(), font
            assert not glyph[[0, -1]].any(), font  # cut off at neither end


def test_one_seed_one_set_of_pictures(digits: ModuleType) -> None:
    first, again, other = digits.render(40, seed=3), digits.render(40, seed=3), digits.render(40, seed=4)
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_array_equal(first[1], again[1])
    assert (first[0] != other[0]).any()


def test_digits_are_even_and_in_range(digits: ModuleType) -> None:
    pictures, labels = digits.render(200)
    assert (pictures.shape, pictures.dtype) == ((200, 8, 8), np.uint8)
    assert pictures.max() <= 16
    np.testing.assert_array_equal(np.bincount(labels), np.full(10, 20))


def test_blocks_are_counted_like_a_loop_counts_them(digits: ModuleType) -> None:
    black = np.random.default_rng(0).random((32, 32)) > 0.6
    slow = [[sum(black[4 * i + a, 4 * j + b] for a in range(4) for b in range(4)) for j in range(8)] for i in range(8)]
    np.testing.assert_array_equal(digits.counts(black), slow)


def test_slant_is_taken_out(digits: ModuleType) -> None:
    leaning = Image.new("L", (64, 64))
    for row in range(10, 54):
        leaning.paste(255, (20 + row // 3, row, 26 + row // 3, row + 1))
    columns = np.asarray(digits.bitmap(leaning, ink=300)).any(axis=0)
    inked = [
        np.asarray(digits.bitmap(leaning, ink=300))[half].nonzero()[1].mean() for half in (slice(0, 8), slice(24, 32))
    ]
    assert columns.any()
    assert abs(inked[0] - inked[1]) < 1.0  # top and bottom stand above each other


def test_ink_and_place_are_those_of_handwriting(digits: ModuleType) -> None:
    rendered, _ = digits.render(1000)
    written = digits.handwritten(per_class=5)["unlabelled"][0]
    ink, real = rendered.sum(axis=(1, 2)), written.sum(axis=(1, 2))
    assert abs(ink.mean() - real.mean()) < 0.05 * real.mean()
    for side in (0, 7):  # 20 of 32 columns are used, so the outermost blocks stay all but empty
        assert rendered[:, :, side].mean() < 0.5
        assert written[:, :, side].mean() < 0.5


def test_rendered_digits_teach_something_about_handwriting_but_not_all(digits: ModuleType) -> None:
    pictures, labels = digits.render(1000)
    written, truth = digits.handwritten(per_class=5)["unlabelled"]
    neighbours = KNeighborsClassifier(1).fit(flat(pictures), labels)
    assert 0.45 < neighbours.score(flat(written), truth) < 0.9


def test_parts_share_no_sample_and_lose_none(digits: ModuleType) -> None:
    parts = digits.handwritten(per_class=3, held_out=900, seed=1)
    assert {part: len(labels) for part, (_, labels) in parts.items()} == {"train": 30, "test": 900, "unlabelled": 867}
    np.testing.assert_array_equal(np.bincount(parts["train"][1]), np.full(10, 3))
    np.testing.assert_array_equal(np.bincount(parts["test"][1]), np.full(10, 90))
    together = sorted(picture.tobytes() for pictures, _ in parts.values() for picture in pictures)
    assert together == sorted(picture.tobytes() for picture in load_digits().images.astype(np.uint8))


def test_files_hold_what_was_written(digits: ModuleType, tmp_path: Path) -> None:
    pictures, labels = digits.render(20)
    digits.write(tmp_path, pictures, labels)
    assert sorted(folder.name for folder in tmp_path.iterdir()) == [str(digit) for digit in range(10)]
    for row in (0, 7, 19):
        with Image.open(tmp_path / str(labels[row]) / f"{row:05d}.png") as file:
            assert (file.mode, file.size) == ("L", (8, 8))
            np.testing.assert_array_equal(np.rint(np.asarray(file) * (16 / 255)), pictures[row])


def test_unlabelled_files_lie_flat(digits: ModuleType, tmp_path: Path) -> None:
    digits.write(tmp_path / "unlabelled", digits.render(3)[0])
    assert len(list((tmp_path / "unlabelled").glob("*.png"))) == 3
