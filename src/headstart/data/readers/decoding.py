"""Bytes of a text file as lines of text, whatever encoding they are in; every fallback is announced."""

from __future__ import annotations

import codecs
import io
from pathlib import Path

from headstart.errors import DataError

MAX_BYTES = 4 * 2**30
_BOMS = (  # the longer mark first: UTF-32 little-endian starts like UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8-sig"),
)


def read_lines(path: Path) -> tuple[list[str], tuple[str, ...]]:
    """The lines with their ends, and notes. UTF-8, or UTF-16/32 with a byte order mark; else Windows-1252 line by line.

    Raises `DataError` for an empty, huge or binary file.
    """
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise DataError(f"{path} has {size:,} bytes; the limit is {MAX_BYTES:,}: store it as Parquet, in parts")
    data = path.read_bytes()
    if not data.strip():
        raise DataError(f"{path} is empty ({size} bytes)")
    text, notes = _decoded(data, path)
    return list(io.StringIO(text, newline="")), notes


def _decoded(data: bytes, path: Path) -> tuple[str, tuple[str, ...]]:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            try:
                return data.decode(encoding), ()
            except UnicodeDecodeError as cause:
                raise DataError(f"{path} starts like {encoding} but is not: {cause}; save it as UTF-8") from cause
    head = data[:4096]
    if head.count(0) * 10 > len(head):
        raise DataError(f"{path} is binary, or UTF-16 without a byte order mark; save it as UTF-8")
    try:
        return data.decode("utf-8"), ()
    except UnicodeDecodeError:
        return _line_by_line(data)


def _line_by_line(data: bytes) -> tuple[str, tuple[str, ...]]:
    """Mixed encodings are met in files put together from several sources: each line is decoded by itself."""
    lines: list[str] = []
    foreign: list[int] = []
    for number, line in enumerate(data.splitlines(keepends=True), start=1):
        try:
            lines.append(line.decode("utf-8"))
        except UnicodeDecodeError:
            lines.append(line.decode("cp1252", "replace"))
            foreign.append(number)
    note = f"{len(foreign)} of {len(lines)} lines are not UTF-8 (first: line {foreign[0]}); read as Windows-1252"
    return "".join(lines), (note,)
