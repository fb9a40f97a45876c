"""Samples of one domain, with labels of one task where they are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from headstart.arrays import Labels, Rows
from headstart.data.samples import Item, LazyRows
from headstart.errors import DataError
from headstart.problem import UNLABELLED, Domain, Modality, Task


@dataclass(frozen=True)
class Reject:
    """A sample that cannot be used, and why."""

    id: str
    reason: str


@dataclass(frozen=True, eq=False)
class Dataset:
    """Rows stay aligned: `items[i]`, `labels[i]` and `ids[i]` are one sample. `-1` marks an unlabelled row.

    items    lazy: a path is not opened, a row not copied, before it is asked for
    ids      what a person calls the row: a relative path, or "row 17"
    groups   rows of one group never fall on both sides of a split (None: every row its own group)
    parts    the split the data came with: "train", "validation", "test" or "" per row (None: none given)
    digests  SHA-256 of each row's content, once somebody has read it (None: nobody has)
    rejects  what was left out, and why; never among the rows
    notes    what the reader noticed and a person should know
    """

    domain: Domain
    task: Task
    items: Sequence[Item]
    labels: Labels
    ids: tuple[str, ...]
    groups: tuple[str, ...] | None = None
    parts: tuple[str, ...] | None = None
    digests: tuple[bytes, ...] | None = None
    rejects: tuple[Reject, ...] = ()
    notes: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        columns: dict[str, Any] = {
            "labels": self.labels, "ids": self.ids, "groups": self.groups, "parts": self.parts, "digests": self.digests
        }  # fmt: skip
        for name, column in columns.items():
            if column is not None and len(column) != len(self.items):
                raise DataError(f"{len(self.items)} items but {len(column)} {name}; they must match one to one")
        if len(self.labels) and (self.labels.min() < UNLABELLED or self.labels.max() >= max(self.task.n_classes, 0)):
            raise DataError(
                f"label codes run from {self.labels.min()} to {self.labels.max()}; "
                f"the task has {self.task.n_classes} classes (codes 0 to {self.task.n_classes - 1}, -1 for unlabelled)"
            )

    def __len__(self) -> int:
        return len(self.items)

    @property
    def modality(self) -> Modality:
        return self.domain.modality

    @property
    def labelled(self) -> Rows:
        """Row numbers that carry a label."""
        return np.flatnonzero(self.labels != UNLABELLED)

    @property
    def unlabelled(self) -> Rows:
        return np.flatnonzero(self.labels == UNLABELLED)

    @property
    def class_counts(self) -> Rows:
        """Labelled rows per class; shape (n_classes,)."""
        return np.bincount(self.labels[self.labelled], minlength=self.task.n_classes)

    def take(self, rows: Any) -> Dataset:
        """The given rows (numbers or a mask), in the given order; rejects and notes stay with the whole."""
        rows = np.asarray(rows)
        rows = np.flatnonzero(rows) if rows.dtype == bool else rows.astype(np.int64)

        def chosen(column: Sequence[Any] | None) -> Any:
            return None if column is None else tuple(column[row] for row in rows)

        items = self.items.take(rows) if isinstance(self.items, LazyRows) else chosen(self.items)
        return replace(
            self, items=items, labels=self.labels[rows], ids=chosen(self.ids), groups=chosen(self.groups),
            parts=chosen(self.parts), digests=chosen(self.digests), rejects=(), notes=(),
        )  # fmt: skip

    def relabelled(self, task: Task) -> Dataset:
        """The same samples in another task's codes, matched by class name; unknown names become unlabelled."""
        codes = np.array([*task.codes_of(self.task), UNLABELLED], dtype=np.int64)
        return replace(self, task=task, labels=codes[self.labels])

    def __str__(self) -> str:
        known = len(self.labelled)
        lines = [f"{self.domain}: {len(self)} samples, {known} labelled", f"  {self.task}"]
        if self.rejects:
            lines.append(f"  {len(self.rejects)} left out, first: {self.rejects[0].id}: {self.rejects[0].reason}")
        return "\n".join([*lines, *(f"  note: {note}" for note in self.notes)])
