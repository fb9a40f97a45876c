"""One side of a comparison: a matrix with what is known about its rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from natsort import natsorted
from numpy.typing import NDArray

from headstart.arrays import Labels, Rows, same_length
from headstart.errors import DataError
from headstart.problem import UNLABELLED, Domain, Task


@dataclass(frozen=True, eq=False)
class Side:
    """Source or target.

    X       (n, d) features, dense (a memory map is fine) or CSR
    labels  (n,) codes of `task`, -1 where unknown
    groups  (n,) rows of one group (an object, a person, a day) are not independent of each other; None: all are
    """

    X: Any
    labels: Labels
    task: Task
    domain: Domain
    groups: NDArray[Any] | None = None

    def __post_init__(self) -> None:
        if getattr(self.X, "ndim", 0) != 2 or self.X.shape[1] == 0:
            raise DataError(f"{self.name} must be a matrix, rows by columns, got shape {np.shape(self.X)}")
        same_length(range(self.X.shape[0]), self.labels, names=(self.name, "labels"))
        if self.groups is not None:
            same_length(range(self.X.shape[0]), self.groups, names=(self.name, "groups"))

    @classmethod
    def of(
        cls,
        X: Any,
        labels: Any = None,
        *,
        classes: tuple[str, ...] = (),
        groups: Any = None,
        columns: tuple[str, ...] = (),
        name: str = "",
    ) -> Side:
        """From plain arrays. Labels are codes of `classes` where these are given (-1: none), else names or None."""
        X = X if hasattr(X, "shape") else np.asarray(X)
        codes, task = _coded(labels, classes, X.shape[0])
        groups = None if groups is None else np.asarray(groups)
        return cls(X, codes, task, Domain("vector", name, tuple(columns)), groups)

    @property
    def name(self) -> str:
        return self.domain.name or "a side"

    @property
    def labelled(self) -> Rows:
        return np.flatnonzero(self.labels != UNLABELLED)

    @property
    def shares(self) -> NDArray[np.float64]:
        """Class shares (C,) among labelled rows; zeros without any."""
        counts = np.bincount(self.labels[self.labelled], minlength=self.task.n_classes)
        return np.asarray(counts / max(counts.sum(), 1))

    def __len__(self) -> int:
        return int(self.X.shape[0])

    def take(self, rows: Rows) -> Side:
        groups = None if self.groups is None else self.groups[rows]
        return replace(self, X=self.X[rows], labels=self.labels[rows], groups=groups)


def _coded(labels: Any, classes: tuple[str, ...], n: int) -> tuple[Labels, Task]:
    if labels is None:
        return np.full(n, UNLABELLED, dtype=np.int64), Task(tuple(classes))
    values = np.asarray(labels)
    if values.dtype.kind in "iu" and classes:
        return values.astype(np.int64), Task(tuple(classes))
    known = np.array([value is not None and str(value) not in ("", "nan") for value in values.tolist()], dtype=bool)
    names = np.array([str(value) for value in values.tolist()])
    classes = tuple(classes) or tuple(natsorted(set(names[known].tolist())))
    position = {name: code for code, name in enumerate(classes)}
    codes = [position.get(name, UNLABELLED) if good else UNLABELLED for name, good in zip(names, known, strict=True)]
    return np.array(codes, dtype=np.int64), Task(classes)
