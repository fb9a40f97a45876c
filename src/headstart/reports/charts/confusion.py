"""Confusion matrix as a heat map: which class is taken for which, shaded by the share of the true class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from headstart.reports.amounts import count, counted, percent
from headstart.reports.charts.svg import Attributes, chart, element, label, line, number
from headstart.reports.confusions import KEPT_CLASSES, Confusions, collapse, most_confused
from headstart.reports.names import cells, one_line, shorten

SIDE = 290.0
MOST_NAMED = 25  # more names than that cannot be read beside their rows
MOST_TURNED = 12  # more turned names over the columns cannot be told apart
LONGEST_NAME = 16  # columns of text
LETTER = 6.6
MOST_TOOLTIPS = 2500


def confusion_matrix(confusion: Sequence[Sequence[int]], classes: Sequence[str]) -> Markup:
    """The heat map for any number of classes; more than `MOST_CLASSES` are first collapsed."""
    shown = collapse(confusion, classes)
    n = len(shown.classes)
    edges = _edges(shown.classes)
    left, top = edges.left, edges.top
    parts = [element("rect", {"class": "ground", "x": left, "y": top, "width": SIDE, "height": SIDE})]
    parts += [*_cells(shown, left, top), *_grid(n, left, top)]
    parts += _class_names(shown.classes, edges) if n <= MOST_NAMED else _class_numbers(n, edges)
    parts += [
        label(
            0 if edges.columns == "turned" else left - 6,
            top - 8,
            "truth ↓",
            anchor="start" if edges.columns == "turned" else "end",
            style="axis-name",
        )
    ]
    parts += [label(left + SIDE / 2, top + SIDE + 20, "predicted as →", style="axis-name")]
    return chart("Confusion matrix", _words(shown), left + SIDE + edges.right, top + SIDE + 28, *parts)


def numbered(confusion: Sequence[Sequence[int]], classes: Sequence[str]) -> tuple[str, ...]:
    """The names behind the numbers 1, 2, … at the edge of the heat map; none where it shows the names themselves."""
    shown = collapse(confusion, classes).classes
    return shown if len(shown) > MOST_NAMED else ()


@dataclass(frozen=True)
class _Edges:
    """Room around the square for names: columns carry them turned, side by side, or as the numbers of the rows."""

    left: float
    top: float
    right: float
    columns: str


def _edges(classes: Sequence[str]) -> _Edges:
    n = len(classes)
    widest = min(max((cells(one_line(name)) for name in classes), default=1), LONGEST_NAME)
    if n > MOST_NAMED:
        return _Edges(58.0, 26.0, 4.0, "numbers")
    if n > MOST_TURNED:
        return _Edges(34 + LETTER * max(widest, 7), 26.0, 4.0, "row numbers")
    left = 16 + LETTER * max(widest, 7)
    if SIDE / n >= LETTER * (widest + 1):
        return _Edges(left, 30.0, 4.0, "side by side")
    return _Edges(left, 18 + 0.87 * LETTER * widest, max(4.0, 0.5 * LETTER * (widest + 1) - SIDE / n / 2), "turned")


def _cells(shown: Confusions, left: float, top: float) -> list[Markup]:
    side = SIDE / len(shown.classes)
    tooltips = np.count_nonzero(shown.counts) <= MOST_TOOLTIPS
    totals = shown.counts.sum(axis=1)
    parts = []
    for row, column in zip(*np.nonzero(shown.counts), strict=True):
        amount = int(shown.counts[row, column])
        part = amount / totals[row]
        style = "right" if row == column else "wrong"
        words = f"{shown.classes[row]} predicted as {shown.classes[column]}: {amount} of {totals[row]}"
        box = {
            "class": style, "x": left + column * side, "y": top + row * side, "width": side, "height": side,
            "fill-opacity": shade(part),
        }  # fmt: skip
        parts.append(element("rect", box, *([element("title", {}, words)] if tooltips else [])))
        font = min(15.0, 0.45 * side + 1.5)
        if font >= 7.5 and len(str(amount)) * 0.6 * font < side:
            at = {"x": left + (column + 0.5) * side, "y": top + (row + 0.5) * side + 0.36 * font, "font-size": font}
            inverse = " inverse" if shade(part) > INVERSE_ABOVE else ""
            parts.append(element("text", {"class": f"cell{inverse}", "text-anchor": "middle", **at}, count(amount)))
    return parts


INVERSE_ABOVE = 0.6


def shade(part: float) -> float:
    """How opaque a cell is: even one sample can be seen, and text on it is readable (tested for both themes)."""
    value = 0.14 + 0.86 * part
    # Middle tones carry neither dark nor light text well: step over them.
    return min(value, 0.46) if value < 0.66 else max(value, 0.87)


def _grid(n: int, left: float, top: float) -> list[Markup]:
    if n > MOST_NAMED:
        return [element("rect", {"class": "border", "x": left, "y": top, "width": SIDE, "height": SIDE})]
    edges = [SIDE * index / n for index in range(n + 1)]
    across = [line(left, top + edge, left + SIDE, top + edge, "cell-edge") for edge in edges]
    return across + [line(left + edge, top, left + edge, top + SIDE, "cell-edge") for edge in edges]


def _class_names(classes: Sequence[str], edges: _Edges) -> list[Markup]:
    """Names beside the rows and over the columns; from `MOST_TURNED` on, columns bear the number of their row."""
    side = SIDE / len(classes)
    font = min(12.0, 0.95 * side)
    parts = []
    for index, name in enumerate(classes):
        short, full = shorten(one_line(name), LONGEST_NAME), element("title", {}, name)
        middle = (index + 0.5) * side
        beside: Attributes = {
            "x": edges.left - 6,
            "y": edges.top + middle + 0.35 * font,
            "text-anchor": "end",
            "font-size": font,
        }
        numbered_row = f"{short} {index + 1}" if edges.columns == "row numbers" else short
        parts.append(element("text", {"class": "tick", **beside}, numbered_row, full))
        over, above = (str(index + 1), 0.7 * side) if edges.columns == "row numbers" else (short, font)
        parts.append(element("text", {"class": "tick", "font-size": above, **_over(middle, font, edges)}, over, full))
    return parts


def _over(middle: float, font: float, edges: _Edges) -> Attributes:
    """Where a column's name stands."""
    if edges.columns != "turned":
        return {"x": edges.left + middle, "y": edges.top - 8, "text-anchor": "middle"}
    x, y = number(edges.left + middle + 0.35 * font), number(edges.top - 6)
    return {"transform": f"translate({x} {y}) rotate(-60)", "text-anchor": "start"}


def _class_numbers(n: int, edges: _Edges) -> list[Markup]:
    side = SIDE / n
    shown = [1, *range(10, n + 1, 10)]
    rows = [label(edges.left - 6, edges.top + (k - 0.5) * side + 3.5, str(k), anchor="end") for k in shown]
    return rows + [label(edges.left + (k - 0.5) * side, edges.top - 7, str(k)) for k in shown]


def _words(shown: Confusions) -> str:
    right, total = int(shown.counts.trace()), int(shown.counts.sum())
    kept = f" The {KEPT_CLASSES} classes with most mistakes are shown, the others together." if shown.collapsed else ""
    worst = most_confused(shown.counts.tolist(), shown.classes, 3)
    pairs = "; ".join(f"{pair.truth} taken for {pair.predicted} {counted(pair.count, 'time')}" for pair in worst)
    share = percent(right / total) if total else percent(None)
    return f"{right} of {total} held-out samples on the diagonal ({share} percent).{kept} {pairs or 'No mistakes'}."
