"""Confusion matrix: each count stands in its row and column, for any number of classes."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest

from headstart.reports.charts.confusion import MOST_NAMED, MOST_TURNED, SIDE, confusion_matrix, numbered, shade
from headstart.reports.confusions import KEPT_CLASSES


def counts_of(n_classes: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 3, (n_classes, n_classes)) + np.diag(rng.integers(4, 30, n_classes))


def drawing(counts: np.ndarray, names: list[str] | None = None) -> ElementTree.Element:
    return ElementTree.fromstring(confusion_matrix(counts.tolist(), names or [f"c{k}" for k in range(len(counts))]))


@pytest.mark.parametrize("n_classes", [1, 2, 5, 16, 40, 100])
def test_cells_stand_in_their_row_and_column_and_are_as_dark_as_their_share(n_classes: int) -> None:
    counts = counts_of(n_classes)
    tree = drawing(counts)
    ground = next(e for e in tree if e.get("class") == "ground")
    left, top = float(ground.get("x", 0)), float(ground.get("y", 0))
    side = SIDE / n_classes
    expected = {(i, j) for i, j in zip(*np.nonzero(counts), strict=True)}
    found = set()
    for cell in (e for e in tree if e.get("class") in ("right", "wrong")):
        row = round((float(cell.get("y", 0)) - top) / side)
        column = round((float(cell.get("x", 0)) - left) / side)
        assert (cell.get("class") == "right") == (row == column)
        assert float(cell.get("fill-opacity", 0)) == pytest.approx(
            shade(counts[row, column] / counts[row].sum()), abs=0.006
        )
        found.add((row, column))
    assert found == expected


@pytest.mark.parametrize("n_classes", [2, 5, 10])
def test_counts_are_printed_where_there_is_room(n_classes: int) -> None:
    counts = counts_of(n_classes)
    printed = [
        int(e.text or "") for e in drawing(counts) if (e.get("class") or "").startswith("cell") and e.tag == "text"
    ]
    assert sorted(printed) == sorted(counts[counts > 0].tolist())


@pytest.mark.parametrize("n_classes", [2, MOST_TURNED, MOST_TURNED + 1, MOST_NAMED, MOST_NAMED + 1, 100, 200])
def test_every_drawing_names_or_numbers_its_classes_within_its_frame(n_classes: int) -> None:
    names = [f"class number {k}" for k in range(n_classes)]
    tree = drawing(np.eye(n_classes, dtype=int) * 3, names)
    words = [e.text or "" for e in tree if e.tag == "text" and e.get("class") == "tick"]
    assert words
    _, _, width, height = map(float, (tree.get("viewBox") or "").split())
    for text in tree.findall("text"):
        if text.get("x"):
            assert 0 <= float(text.get("x", 0)) <= width and 0 <= float(text.get("y", 0)) <= height
    shown = numbered(np.eye(n_classes, dtype=int).tolist(), names)
    assert len(shown) == (n_classes if MOST_NAMED < n_classes <= 100 else 0)
    if n_classes == 200:
        assert f"The {KEPT_CLASSES} classes with most mistakes" in (tree.findtext("desc") or "")


def test_a_row_without_samples_and_an_empty_matrix_draw_nothing() -> None:
    tree = drawing(np.zeros((3, 3), dtype=int))
    assert not [e for e in tree if e.get("class") in ("right", "wrong")]
    assert "0 of 0" in (tree.findtext("desc") or "")


def test_the_words_count_what_is_right() -> None:
    words = drawing(np.array([[8, 2], [0, 10]]), ["ants", "bees"]).findtext("desc") or ""
    assert "18 of 20" in words and "90.0 percent" in words and "ants taken for bees 2 times" in words
