"""The rows that tests look at: so many of each side, in the shared space; and those whose labels can be compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.arrays import Labels, Mask, Matrix, Rows
from headstart.diagnosis.side import Side
from headstart.diagnosis.space import Space, common_space

Groups = tuple[NDArray[Any], NDArray[Any]]
MOST_ROWS = 2000  # per side
WIDEST_TESTED = 2048  # columns that tests look at as they are; wider matrices by their components


@dataclass(frozen=True, eq=False)
class Sample:
    """Rows of both sides (source first everywhere), their row numbers, and what they are in the shared space.

    mapped   leading components; tested: standardised columns, or the components where there are very many columns
    """

    sides: tuple[Side, Side]
    rows: tuple[Rows, Rows]
    space: Space
    mapped: tuple[Matrix, Matrix]
    tested: tuple[Matrix, Matrix]

    @property
    def groups(self) -> Groups | None:
        return joint_groups(self.sides)


def sample_of(source: Side, target: Side, rows: tuple[Rows, Rows]) -> Sample:
    """From dense sides and the chosen row numbers of each."""
    sides = source.take(rows[0]), target.take(rows[1])
    raw = [np.asarray(side.X) for side in sides]
    space = common_space(raw[0], raw[1], named=bool(source.domain.columns))
    mapped = space.map(raw[0]), space.map(raw[1])
    narrow = raw[0].shape[1] <= WIDEST_TESTED
    tested = (space.standardised(raw[0]), space.standardised(raw[1])) if narrow else mapped
    return Sample(sides, rows, space, mapped, tested)


@dataclass(frozen=True, eq=False)
class Known:
    """Labelled rows of the classes that both sides have: components, codes of `classes`, groups (source first).

    every  the codes of all labelled rows of these classes
    """

    classes: tuple[str, ...]
    X: tuple[Matrix, Matrix]
    labels: tuple[Labels, Labels]
    groups: Groups | None
    every: tuple[Labels, Labels] | None = None

    @property
    def usable(self) -> bool:
        return len(self.classes) > 1 and all(len(np.unique(side)) for side in self.labels)


def known_of(
    source: Side, target: Side, classes: tuple[str, ...], space: Space, leaked: tuple[Mask, Mask],
    rng: np.random.Generator,
) -> Known:  # fmt: skip
    """At most 2,000 of each side. Rows that both sides hold are left out of both: leaving them out of one alone would
    make two samples of one problem unlike."""
    chosen, codes, every = [], [], []
    for side, gone in ((source, leaked[0]), (target, leaked[1])):
        names = np.array([classes.index(name) if name in classes else -1 for name in side.task.classes] + [-1])
        code = names[side.labels]
        every.append(code[code >= 0])
        rows = np.flatnonzero((code >= 0) & ~gone)
        rows = rows if len(rows) <= MOST_ROWS else np.sort(rng.choice(rows, MOST_ROWS, replace=False))
        chosen.append(side.take(rows))
        codes.append(code[rows])
    X = [space.map(side.X) for side in chosen]
    groups = joint_groups((chosen[0], chosen[1]))
    return Known(classes, (X[0], X[1]), (codes[0], codes[1]), groups, (every[0], every[1]))


def joint_groups(sides: tuple[Side, Side]) -> Groups | None:
    """Both sides' groups by name; a side without any has one per row. None where neither has."""
    if sides[0].groups is None and sides[1].groups is None:
        return None
    parts = [
        np.array([f"{word} row {row}" for row in range(len(side))], dtype=str)
        if side.groups is None
        else np.asarray(side.groups).astype(str)
        for word, side in zip(("source", "target"), sides, strict=True)
    ]
    return parts[0], parts[1]
