"""Parquet tables, through pyarrow (extra "tables")."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from headstart.data.readers.roles import listing
from headstart.data.readers.table import MAX_COLUMNS, Table
from headstart.errors import DataError
from headstart.registry import require

MAX_BYTES = 8 * 2**30


def read_parquet(path: Path) -> Table:
    """The table in a Parquet file; columns of numbers stay arrays, null becomes NaN or None.

    Raises `DataError` for a damaged or oversized file and for columns of one name, `MissingExtra` without pyarrow.
    """
    arrow = require("pyarrow", extra="tables")
    parquet = require("pyarrow.parquet", extra="tables")
    try:
        file = parquet.ParquetFile(path)
        _check(path, file)
        table = file.read()
    except (arrow.ArrowException, OSError) as cause:
        raise DataError(f"{path}: no readable Parquet file: {cause}") from cause
    columns = {name: _column(table.column(name), arrow) for name in table.column_names}
    return Table(columns, tuple(f"row {row}" for row in range(table.num_rows)), path.stem, path.parent)


def _check(path: Path, file: Any) -> None:
    names = file.schema_arrow.names
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise DataError(f"{path}: several columns are called {listing(twice)}; give each column its own name")
    if len(names) > MAX_COLUMNS:
        raise DataError(f"{path}: {len(names):,} columns; the limit is {MAX_COLUMNS:,}")
    unpacked = sum(file.metadata.row_group(number).total_byte_size for number in range(file.metadata.num_row_groups))
    if unpacked > MAX_BYTES:
        raise DataError(f"{path}: would unpack to {unpacked:,} bytes; the limit is {MAX_BYTES:,}: read it in parts")


def _column(column: Any, arrow: Any) -> Any:
    kind = column.type
    if arrow.types.is_floating(kind) or (arrow.types.is_integer(kind) and not column.null_count):
        return column.to_numpy()
    return column.to_pylist()
