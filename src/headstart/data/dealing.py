"""Who goes where: units ranked by the hash of their content, and dealt out by rank so that classes keep their shares.

Hashing content to choose a side is an old trick of data pipelines; ranking the hashes inside each class, instead of
cutting them at a fixed value, makes the shares exact.
"""

from __future__ import annotations

import hashlib
import math
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from headstart.arrays import Mask, Rows
from headstart.data.dataset import Dataset
from headstart.data.samples import digest
from headstart.data.units import units_of

Fold: TypeAlias = tuple[Rows, Rows]

_GOLDEN = (math.sqrt(5) - 1) / 2


class Dealer:
    """Ranks units (rows that must stay together) inside their class by SHA-256(seed, purpose, content)."""

    def __init__(self, dataset: Dataset, seed: int) -> None:
        self.dataset = dataset
        self.seed = seed
        self.labels = dataset.labels
        self.digests = dataset.digests or tuple(digest(item) for item in dataset.items)
        self.units = units_of(self.digests, dataset.groups)

    def n_units(self, rows: Rows) -> int:
        return len(np.unique(self.units[rows]))

    def shares_units(self, rows: Rows, others: Rows) -> Mask:
        return np.isin(self.units[rows], self.units[others])

    def hold_out(self, rows: Rows, share: float) -> Mask:
        """Which of `rows` are held out: a `share` of every class, with the rounding evened out over the classes."""
        held = np.zeros(len(rows), dtype=bool)
        for number, (members, sizes) in enumerate(self._ranked(rows, "test")):
            phase = (0.5 + number * _GOLDEN) % 1
            held |= np.isin(self.units[rows], members[_first(sizes, share, phase)])
        return held

    def deal(self, rows: Rows, folds: int, *, at_least: int = 1) -> tuple[Fold, ...]:
        """As many folds as asked for (or as there are units), repeated until there are `at_least` so many."""
        folds = min(folds, self.n_units(rows))
        dealt: list[Fold] = []
        while len(dealt) < at_least:
            dealt += self._once(rows, folds, repeat=len(dealt))
        return tuple(dealt)

    def _once(self, rows: Rows, folds: int, *, repeat: int) -> list[Fold]:
        """Every row is scored once. Units of one class and one size are spread evenly; hence no fold holds all rows."""
        fold_of = np.zeros(int(self.units.max()) + 1, dtype=np.int64)
        strata = [
            members[sizes == size]
            for members, sizes in self._ranked(rows, f"fold {repeat}")
            for size in np.unique(sizes)
        ]
        for number, members in enumerate(strata):
            fold_of[members] = _blocks(len(members), folds, first=number)
        assigned = fold_of[self.units[rows]]
        return [(rows[assigned != fold], rows[assigned == fold]) for fold in range(folds) if (assigned == fold).any()]

    def _ranked(self, rows: Rows, purpose: str) -> list[tuple[Rows, NDArray[np.float64]]]:
        """Per class, in the order of class names: its units ranked by hash, and their sizes in rows.

        A unit with rows of several classes counts to the one it holds most of.
        """
        units, position = np.unique(self.units[rows], return_inverse=True)
        counts = np.zeros((len(units), int(self.labels[rows].max()) + 1))
        np.add.at(counts, (position, self.labels[rows]), 1)
        keys = [b"\xff" * 32] * len(units)
        salt = f"headstart split {self.seed} {purpose} ".encode()
        for row, unit in zip(rows, position, strict=True):
            keys[unit] = min(keys[unit], hashlib.sha256(salt + self.digests[row]).digest())
        classes, sizes = counts.argmax(axis=1), counts.sum(axis=1)
        ranked = []
        for label in np.unique(classes):
            order = np.array(sorted(np.flatnonzero(classes == label), key=lambda unit: keys[unit]))
            ranked.append((units[order], sizes[order]))
        return ranked


def _first(sizes: NDArray[np.float64], share: float, phase: float) -> Mask:
    """Which units to take, in order, until a `share` of the rows is taken; of two or more, one at least and never all.

    A unit is taken when that brings the number of rows closer to what is wanted. `phase` .5 rounds to the nearest.
    """
    chosen = np.zeros(len(sizes), dtype=bool)
    wanted = share * sizes.sum() + (0.5 - phase) * sizes.min()
    taken = 0.0
    for unit, size in enumerate(sizes):
        if taken + size / 2 < wanted:
            chosen[unit] = True
            taken += size
    if len(sizes) > 1 and not chosen.any():
        chosen[sizes.argmin()] = True
    if chosen.all():
        chosen[-1] = False
    return chosen


def _blocks(n: int, folds: int, *, first: int) -> Rows:
    """Folds of `n` ranked units: blocks of equal length, the odd ones longer from fold `first` on.

    Blocks, not turns: a unit that comes in between moves one unit at each border, not all that follow.
    """
    lengths = n // folds + ((np.arange(folds) - first) % folds < n % folds)
    return np.repeat(np.arange(folds, dtype=np.int64), lengths)
