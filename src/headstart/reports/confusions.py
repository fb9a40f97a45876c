"""Which classes are taken for which: the counts, fewer of them where they are too many, and the worst mistakes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from headstart.arrays import Rows

MOST_CLASSES = 100  # more are collapsed to the most mistaken ones
KEPT_CLASSES = 24
REST = "all other classes"


@dataclass(frozen=True)
class Confusions:
    """Counts with their class names: row = truth, column = predicted."""

    counts: Rows
    classes: tuple[str, ...]
    collapsed: bool = False


@dataclass(frozen=True)
class Confusion:
    """`count` of the `total` held-out rows of class `truth` were taken for `predicted`."""

    truth: str
    predicted: str
    count: int
    total: int


def counts_of(confusion: Sequence[Sequence[int]], n_classes: int) -> Rows:
    """The matrix as an array (row = truth, column = predicted); all zeros where nothing was held out."""
    if not confusion:
        return np.zeros((n_classes, n_classes), dtype=np.int64)
    return np.asarray(confusion, dtype=np.int64).reshape(n_classes, n_classes)


def collapse(confusion: Sequence[Sequence[int]], classes: Sequence[str]) -> Confusions:
    """All classes up to `MOST_CLASSES`; beyond, the `KEPT_CLASSES` with most mistakes and one row for the rest."""
    counts = counts_of(confusion, len(classes))
    if len(classes) <= MOST_CLASSES:
        return Confusions(counts, tuple(classes))
    mistakes = counts.sum(axis=0) + counts.sum(axis=1) - 2 * counts.diagonal()
    kept = np.sort(np.argsort(-mistakes, kind="stable")[:KEPT_CLASSES])
    place = np.full(len(classes), KEPT_CLASSES)
    place[kept] = np.arange(KEPT_CLASSES)
    smaller = np.zeros((KEPT_CLASSES + 1, KEPT_CLASSES + 1), dtype=np.int64)
    np.add.at(smaller, (place[:, None], place[None, :]), counts)
    return Confusions(smaller, (*(classes[code] for code in kept), REST), collapsed=True)


def most_confused(confusion: Sequence[Sequence[int]], classes: Sequence[str], most: int = 8) -> list[Confusion]:
    """The most frequent mistakes, most frequent first; none where everything is right."""
    counts = counts_of(confusion, len(classes)).copy()
    totals = counts.sum(axis=1)
    np.fill_diagonal(counts, 0)
    order = np.argsort(-counts, axis=None, kind="stable")[:most]
    pairs = [divmod(int(flat), len(classes)) for flat in order]
    return [
        Confusion(classes[truth], classes[predicted], int(counts[truth, predicted]), int(totals[truth]))
        for truth, predicted in pairs
        if counts[truth, predicted]
    ]
