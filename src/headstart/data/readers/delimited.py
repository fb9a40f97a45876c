"""CSV and TSV (RFC 4180, Shafranovich 2005), read strictly: a broken row is a reject with its line, never a guess."""

from __future__ import annotations

import csv
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from headstart.data.dataset import Reject
from headstart.data.readers.decoding import read_lines
from headstart.data.readers.roles import listing
from headstart.data.readers.table import MAX_COLUMNS, Table
from headstart.errors import DataError

DELIMITERS = ",;\t|"
_SAMPLE = 100
_field_limit = threading.Lock()


def read_delimited(path: Path, *, wanted: Sequence[str] = ()) -> Table:
    """The table in a CSV or TSV file; the delimiter is the one that fits the header (and the `wanted` columns) best.

    Raises `DataError` for no header, unnamed rows, columns of one name, or more than `MAX_COLUMNS` of them.
    """
    lines, notes = read_lines(path)
    with _long_fields():
        delimiter = _delimiter(lines, wanted, prefer="\t" if path.suffix.lower() in (".tsv", ".tab") else ",")
        quoted = list(_records(lines, delimiter))
        if delimiter == "\t" and any(isinstance(fields, str) for _, fields in quoted):
            quoted = list(_records(lines, delimiter, quoting=csv.QUOTE_NONE))
            notes = (*notes, "quotes do not pair up in this tab-separated file, so they were read as plain characters")
    header = _header(path, quoted[0][1] if quoted else [])
    rows, rejects = _sound(quoted[1:], len(header))
    columns = {
        name: tuple(fields[position] for _, fields in rows) for position, name in enumerate(header) if name
    }  # fmt: skip
    if len(columns) < len(header):
        notes = (*notes, f"{len(header) - len(columns)} column without a name was left out")
    return Table(columns, tuple(f"line {number}" for number, _ in rows), path.stem, path.parent, rejects, notes)


def _sound(
    records: Sequence[tuple[int, list[str] | str]], width: int
) -> tuple[list[tuple[int, list[str]]], tuple[Reject, ...]]:
    rows: list[tuple[int, list[str]]] = []
    rejects: list[Reject] = []
    for number, fields in records:
        if isinstance(fields, str):
            rejects.append(Reject(f"line {number}", fields))
        elif len(fields) != width:
            rejects.append(Reject(f"line {number}", f"{len(fields)} fields where the header names {width}"))
        elif any("\0" in field for field in fields):
            rejects.append(Reject(f"line {number}", "holds a NUL byte"))
        else:
            rows.append((number, fields))
    return rows, tuple(rejects)


def _records(
    lines: Sequence[str], delimiter: str, *, quoting: int = csv.QUOTE_MINIMAL
) -> Iterator[tuple[int, list[str] | str]]:
    """(number of the first line, fields) of each record; for a record that cannot be parsed the reason in their place.

    After a broken record reading goes on with the next line, so that one stray quote costs one row and not the file.
    """
    start = 0
    while start < len(lines):
        rest = (lines[position] for position in range(start, len(lines)))
        reader = csv.reader(rest, delimiter=delimiter, strict=True, quoting=quoting)  # type: ignore[arg-type]
        begun = start
        try:
            for fields in reader:
                if fields:
                    yield begun + 1, fields
                begun = start + reader.line_num
            return
        except csv.Error as cause:
            ended = "end of data" in str(cause)
            yield begun + 1, "a quote is opened and never closed" if ended else f"broken quoting: {cause}"
            start = begun + 1


def _header(path: Path, fields: list[str] | str) -> list[str]:
    if isinstance(fields, str):
        raise DataError(f"{path}: the header line cannot be read: {fields}")
    if len(fields) > MAX_COLUMNS:
        raise DataError(
            f"{path}: the first line has {len(fields):,} fields; the limit is {MAX_COLUMNS:,}. Is the table "
            "transposed, or without line ends? Wide numeric data reads well from .npz, .npy or svmlight files"
        )
    names = [field.strip() for field in fields]
    twice = [name for name, count in Counter(names).items() if count > 1 and name]
    if twice:
        raise DataError(f"{path}: several columns are called {listing(twice)}; give each column its own name")
    if not any(names) or all(_is_number(name) for name in names if name):
        raise DataError(f"{path}: the first line ({listing(names, 4)}) names no columns; add a header line")
    return names


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _delimiter(lines: Sequence[str], wanted: Sequence[str], *, prefer: str) -> str:
    sample = lines[:_SAMPLE]
    return max(DELIMITERS, key=lambda delimiter: (*_fit(sample, delimiter, wanted), delimiter == prefer))


def _fit(sample: Sequence[str], delimiter: str, wanted: Sequence[str]) -> tuple[bool, bool, float, int]:
    """How well a delimiter explains the first lines: wanted columns found, more than one column, even rows."""
    records = [fields for _, fields in _records(sample, delimiter) if not isinstance(fields, str)]
    if not records:
        return False, False, 0.0, 0
    header = [field.strip() for field in records[0]]
    even = sum(len(fields) == len(header) for fields in records) / len(records)
    return bool(wanted) and set(wanted) <= set(header), len(header) > 1, even, len(header)


@contextmanager
def _long_fields() -> Iterator[None]:
    """The csv module refuses fields beyond 128 KiB, by one setting for the whole process; it is put back."""
    with _field_limit:
        before = csv.field_size_limit(sys.maxsize)
        try:
            yield
        finally:
            csv.field_size_limit(before)
