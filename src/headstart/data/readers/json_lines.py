"""JSON lines (one object a line) and JSON lists of objects; a broken line is a reject with its number."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from headstart.data.dataset import Reject
from headstart.data.readers.decoding import read_lines
from headstart.data.readers.roles import listing
from headstart.data.readers.table import MAX_COLUMNS, Table
from headstart.errors import DataError


def read_json(path: Path) -> Table:
    """The table in a .jsonl or .json file: keys are columns, a missing key is an empty cell.

    Raises `DataError` where the file is neither, or has more than `MAX_COLUMNS` keys.
    """
    lines, notes = read_lines(path)
    first = next(line for line in lines if line.strip()).lstrip()
    records = list(_from_list("".join(lines), path) if first.startswith("[") else _from_lines(lines))
    rows = [(id, record) for id, record in records if isinstance(record, dict)]
    rejects = tuple(Reject(id, record) for id, record in records if isinstance(record, str))
    names = list(dict.fromkeys(key for _, record in rows for key in record))
    if len(names) > MAX_COLUMNS:
        raise DataError(f"{path}: {len(names):,} different keys; the limit is {MAX_COLUMNS:,}")
    columns = {name: tuple(record.get(name) for _, record in rows) for name in names}
    return Table(columns, tuple(id for id, _ in rows), path.stem, path.parent, rejects, notes)


def _from_lines(lines: Sequence[str]) -> Iterator[tuple[str, dict[str, Any] | str]]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield f"line {number}", _record(json.loads(line, object_pairs_hook=_unique))
        except (ValueError, RecursionError) as cause:
            yield f"line {number}", f"no JSON object: {cause}"


def _from_list(text: str, path: Path) -> Iterator[tuple[str, dict[str, Any] | str]]:
    try:
        entries = json.loads(text, object_pairs_hook=_unique)
    except (ValueError, RecursionError) as cause:
        raise DataError(f"{path}: starts like a JSON list but cannot be read: {cause}") from cause
    for number, entry in enumerate(entries):
        yield f"entry {number}", _record(entry)


def _record(value: Any) -> dict[str, Any] | str:
    if not isinstance(value, dict):
        return f"a JSON {type(value).__name__}, not an object"
    return "holds a NUL character" if any(isinstance(cell, str) and "\0" in cell for cell in value.values()) else value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"keys given twice: {listing({key for key in keys if keys.count(key) > 1})}")
    return record
