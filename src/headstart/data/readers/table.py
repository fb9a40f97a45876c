"""From a table (columns of equal length) to a dataset of texts, pictures or vectors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from headstart.data.dataset import Dataset, Reject
from headstart.data.readers import measurements
from headstart.data.readers.labels import class_name, encode, unlabelled
from headstart.data.readers.roles import PARTS, Roles, assign, listing
from headstart.data.samples import Item, LazyRows
from headstart.errors import DataError
from headstart.problem import Domain, Modality

MAX_COLUMNS = 50_000


@dataclass(frozen=True, eq=False)
class Table:
    """Columns by name, and what a person calls each row. `folder` is where relative picture paths start."""

    columns: Mapping[str, Sequence[Any]]
    ids: tuple[str, ...]
    name: str = ""
    folder: Path = Path()
    rejects: tuple[Reject, ...] = ()
    notes: tuple[str, ...] = ()


def dataset_of(table: Table, roles: Roles, *, name: str | None = None) -> Dataset:
    """The dataset that a table is, once its columns have their roles. Rows that hold no sample become rejects.

    Raises `DataError` or `UnknownName` where the roles do not fit the columns.
    """
    if not table.ids:
        raise DataError(_no_rows(table))
    roles, notes = assign(list(table.columns), roles)
    samples = _samples(table, roles)
    labelling = encode(table.columns[roles.label]) if roles.label is not None else unlabelled(len(table.ids))
    parts, part_notes = _parts(table, roles)
    whole = Dataset(
        domain=Domain(samples.modality, name or table.name, samples.columns),
        task=labelling.task,
        items=samples.items,
        labels=labelling.codes,
        ids=table.ids,
        groups=_groups(table, roles),
        parts=parts,
        rejects=table.rejects,
        notes=(*table.notes, *notes, *labelling.notes, *samples.notes, *part_notes),
    )
    return _without(whole, samples.bad)


class _Samples(NamedTuple):
    """One item per row; `bad` rows (row → reason) have a placeholder."""

    modality: Modality
    items: Sequence[Item]
    bad: dict[int, str]
    columns: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def _samples(table: Table, roles: Roles) -> _Samples:
    if roles.text is not None:
        return _Samples("text", *_texts(table.columns[roles.text]))
    if roles.image is not None:
        return _Samples("image", *_pictures(table.columns[roles.image], table.folder))
    columns = _measured(table, roles)
    rows, bad, notes = measurements.rows_of({column: table.columns[column] for column in columns})
    return _Samples("vector", rows, bad, columns, notes)


def _no_rows(table: Table) -> str:
    where = f"{table.name or 'the table'} holds no usable rows"
    if not table.rejects:
        return where
    return f"{where}; {len(table.rejects)} are broken, first {table.rejects[0].id}: {table.rejects[0].reason}"


def _without(whole: Dataset, bad: dict[int, str]) -> Dataset:
    left_out = [Reject(whole.ids[row], reason) for row, reason in bad.items()]
    if len(bad) == len(whole):
        raise DataError(f"no usable rows; the first, {left_out[0].id}: {left_out[0].reason}")
    clean = whole.take(np.delete(np.arange(len(whole)), list(bad))) if bad else whole
    return replace(clean, rejects=(*whole.rejects, *left_out), notes=whole.notes)


def _texts(cells: Sequence[Any]) -> tuple[Sequence[Item], dict[int, str]]:
    texts: list[str] = []
    bad: dict[int, str] = {}
    for row, cell in enumerate(cells):
        if isinstance(cell, str):
            texts.append(cell)
        elif isinstance(cell, list | dict | bytes):
            bad[row] = f"the text is a {type(cell).__name__}"
            texts.append("")
        else:
            texts.append(class_name(cell))
    return tuple(texts), bad


def _pictures(cells: Sequence[Any], folder: Path) -> tuple[Sequence[Item], dict[int, str]]:
    if isinstance(cells, LazyRows):
        return cells, {}
    items: list[Item] = []
    bad: dict[int, str] = {}
    for row, cell in enumerate(cells):
        item = picture_item(cell, folder)
        if item is None:
            bad[row] = "no picture is named" if cell is None or cell == "" else f"a {type(cell).__name__}, no picture"
        items.append(item)
    return tuple(items), bad


def picture_item(cell: Any, folder: Path) -> Item | None:
    """A cell as a picture: path (relative to `folder`), bytes, `{"bytes": …, "path": …}`, pixels, Pillow image."""
    if isinstance(cell, dict):
        cell = cell.get("bytes") or cell.get("path")
    if isinstance(cell, str):
        if "://" in cell:
            raise DataError(f"'{cell}' is an address; headstart reads files: download the pictures first")
        return folder / cell.strip() if cell.strip() else None
    if isinstance(cell, Path):
        return folder / cell
    if isinstance(cell, bytes | np.ndarray):
        return cell
    return np.asarray(cell) if hasattr(cell, "getexif") else None


def _measured(table: Table, roles: Roles) -> tuple[str, ...]:
    """The columns of numbers that make a vector. Raises `DataError` for columns of words, which have no role."""
    left = [column for column in table.columns if column not in roles.named]
    words = [column for column in left if not measurements.is_numeric(table.columns[column])]
    if words or not left:
        raise DataError(
            f"which column is the sample? Columns {listing(words or table.columns)} hold no numbers and have no role; "
            f"say text=…, image=… or label=…, or leave them out. All columns: {listing(table.columns)}"
        )
    return tuple(left)


def _groups(table: Table, roles: Roles) -> tuple[str, ...] | None:
    if roles.group is None:
        return None
    names = [class_name(cell) for cell in table.columns[roles.group]]
    return tuple(name or f"alone: {id}" for name, id in zip(names, table.ids, strict=True))


def _parts(table: Table, roles: Roles) -> tuple[tuple[str, ...] | None, tuple[str, ...]]:
    if roles.part is None:
        return None, ()
    names = [class_name(cell).casefold() for cell in table.columns[roles.part]]
    strange = [name for name in Counter(names) if name and name not in PARTS]
    if strange:
        return None, (f"column '{roles.part}' holds {listing(strange)}, not only train, validation and test; ignored",)
    return tuple(PARTS.get(name, "") for name in names), ()


def table_of(columns: dict[str, Any], *, name: str = "", folder: Path = Path(), notes: tuple[str, ...] = ()) -> Table:
    """A table from columns in memory; rows are called "row 0", "row 1" ..."""
    lengths = {column: len(cells) for column, cells in columns.items()}
    if len(set(lengths.values())) > 1:
        raise DataError(f"columns differ in length: {lengths}")
    n = next(iter(lengths.values()), 0)
    return Table(columns, tuple(f"row {row}" for row in range(n)), name, folder, (), notes)
