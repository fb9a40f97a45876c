"""Hugging Face `Dataset` and `DatasetDict`, known by what they can do: the `datasets` package is not imported here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, overload

import numpy as np

from headstart.data.dataset import Dataset
from headstart.data.readers.roles import PARTS, Roles
from headstart.data.readers.table import Table, dataset_of, picture_item
from headstart.data.samples import LazyRows
from headstart.errors import DataError


def is_hugging_face(source: Any) -> bool:
    return hasattr(source, "features") and hasattr(source, "column_names")


def read_hugging_face(source: Any, roles: Roles, *, name: str | None = None) -> Dataset:
    """Pictures stay undecoded until asked for. Class names come from the `ClassLabel` feature where there is one.

    A `DatasetDict` becomes one dataset whose parts are its keys. Raises `DataError` for a streaming dataset, for
    splits of other names, and for splits with different columns.
    """
    splits = dict(source) if isinstance(source, Mapping) else {"train": source}
    strange = [key for key in splits if key.casefold() not in PARTS]
    if strange:
        raise DataError(
            f"splits {strange} are none of train, validation, test; read one by one: source['{strange[0]}']"
        )
    if not all(hasattr(split, "__len__") for split in splits.values()):
        raise DataError("a streaming dataset cannot be read twice; load it without streaming=True")
    columns = _Columns(list(splits.values()))
    parts = [PARTS[key.casefold()] for key, split in splits.items() for _ in range(len(split))]
    ids = [f"{key} row {row}" for key, split in splits.items() for row in range(len(split))]
    if len(splits) == 1:
        ids = [f"row {row}" for row in range(len(ids))]
    dataset = dataset_of(Table(columns, tuple(ids)), columns.with_class_label(roles), name=name)
    if not isinstance(source, Mapping):
        return dataset
    part = dict(zip(ids, parts, strict=True))
    return replace(dataset, parts=tuple(part[id] for id in dataset.ids))


class _Columns(Mapping[str, Sequence[Any]]):
    """The columns of several splits, one below the other; one is read when it is asked for."""

    def __init__(self, splits: Sequence[Any]) -> None:
        self.splits = splits
        self.features: dict[str, Any] = dict(splits[0].features or {})
        for split in splits[1:]:
            if set(split.column_names) != set(splits[0].column_names):
                raise DataError(f"splits differ in columns: {splits[0].column_names} and {split.column_names}")

    def with_class_label(self, roles: Roles) -> Roles:
        labels = [column for column, feature in self.features.items() if hasattr(feature, "names")]
        return replace(roles, label=labels[0]) if roles.label is None and len(labels) == 1 else roles

    def __getitem__(self, column: str) -> Sequence[Any]:
        feature: Any = self.features.get(column)
        if type(feature).__name__ == "Image":
            raw = type(feature)(decode=False)
            return HuggingFacePictures([split.cast_column(column, raw) for split in self.splits], column)
        cells = [cell for split in self.splits for cell in split[column]]
        names = getattr(feature, "names", None)
        return cells if names is None else [names[cell] if cell is not None and cell >= 0 else None for cell in cells]

    def __iter__(self) -> Iterator[str]:
        return iter(self.splits[0].column_names)

    def __len__(self) -> int:
        return len(self.splits[0].column_names)


class HuggingFacePictures(LazyRows):
    """One picture column; a cell is fetched, undecoded, when it is asked for."""

    def __init__(self, splits: Sequence[Any], column: str, rows: Any = None) -> None:
        self.splits = splits
        self.column = column
        self.starts = np.cumsum([0, *(len(split) for split in splits)])
        self.rows = np.arange(self.starts[-1]) if rows is None else rows

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, row: int) -> Any: ...
    @overload
    def __getitem__(self, row: slice) -> HuggingFacePictures: ...
    def __getitem__(self, row: int | slice) -> Any:
        if isinstance(row, slice):
            return HuggingFacePictures(self.splits, self.column, self.rows[row])
        position = int(self.rows[row])
        split = int(np.searchsorted(self.starts, position, side="right")) - 1
        return picture_item(self.splits[split][position - int(self.starts[split])][self.column], Path())

    def take(self, rows: Any) -> HuggingFacePictures:
        return HuggingFacePictures(self.splits, self.column, self.rows[np.asarray(rows)])
