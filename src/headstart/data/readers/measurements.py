"""Columns of numbers (sensors, measurements) as the rows of a matrix; empty cells become NaN, words become rejects."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.data.readers.labels import class_name
from headstart.data.samples import VectorRows

_INDEX_NAMES = ("id", "index", "row", "rowid", "row_id")
_EMPTY = ("", "na", "n/a", "nan", "null", "none", "?")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?inf(inity)?", re.IGNORECASE)


def is_numeric(cells: Sequence[Any], *, sample: int = 1000) -> bool:
    """Whether at least half of the cells that are not empty are numbers (judged on the first `sample` cells)."""
    array = cells if isinstance(cells, np.ndarray) else None
    if array is not None and array.ndim == 1 and array.dtype.kind in "biuf":
        return True
    filled = [cell for cell in cells[:sample] if _text(cell) not in _EMPTY]
    return 2 * sum(_is_number(cell) for cell in filled) >= len(filled) > 0


def rows_of(columns: Mapping[str, Sequence[Any]]) -> tuple[VectorRows, dict[int, str], tuple[str, ...]]:
    """The matrix (n, d) in float64, the rows that hold words (row → reason), and notes."""
    bad: dict[int, str] = {}
    matrix = np.column_stack([_column(name, cells, bad) for name, cells in columns.items()])
    index = [name for name in columns if name.strip().casefold() in _INDEX_NAMES]
    notes = [
        f"column '{name}' counts as a measurement; leave it out of the table if it only numbers rows" for name in index
    ]
    return VectorRows(matrix), dict(sorted(bad.items())), tuple(notes)


def _column(name: str, cells: Sequence[Any], bad: dict[int, str]) -> NDArray[np.float64]:
    try:
        return np.asarray(cells).astype(np.float64)
    except (TypeError, ValueError):
        return np.array([_value(name, row, cell, bad) for row, cell in enumerate(cells)], dtype=np.float64)


def _value(name: str, row: int, cell: Any, bad: dict[int, str]) -> float:
    if _text(cell) in _EMPTY:
        return np.nan
    if not _is_number(cell):
        bad.setdefault(row, f"column '{name}' holds {str(cell)[:40]!r}, not a number")
        return np.nan
    return float(cell)


def _text(cell: Any) -> str:
    if isinstance(cell, str):
        return cell.strip().casefold()
    return str(type(cell)) if isinstance(cell, list | dict | bytes | np.ndarray) else class_name(cell)


def _is_number(cell: Any) -> bool:
    if isinstance(cell, str):
        return _NUMBER.fullmatch(cell.strip()) is not None
    return isinstance(cell, int | float | bool | np.number | np.bool_)
