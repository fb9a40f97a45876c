"""Which rows a ranking looks at: growing samples of independent rows, each with the classes' shares."""

from __future__ import annotations

import numpy as np

from headstart.arrays import Rows
from headstart.data.dataset import Dataset
from headstart.data.samples import digest
from headstart.data.units import units_of


def growing_samples(dataset: Dataset, rows: Rows, *, most: int = 2000, first: int = 256, seed: int = 0) -> list[Rows]:
    """Row numbers of nested samples among the labelled `rows`, each eight times the one before, up to `most` of them.

    Of rows that must stay together (equal content, equal group) one is taken: leave-one-out asks each row without the
    others, and a near copy among them would answer for it. The sizes allow each class at least 8 rows if it has them.
    """
    rows = independent_rows(dataset, rows, seed)
    order = stratified_order(dataset.labels[rows], seed)
    classes = len(np.unique(dataset.labels[rows])) if len(rows) else 0
    whole = min(len(rows), max(most, 20 * classes))
    size, sizes = max(first, 8 * classes), []
    while size < whole:
        sizes.append(size)
        size *= 8
    return [np.sort(rows[order[:size]]) for size in (*sizes, whole)]


def independent_rows(dataset: Dataset, rows: Rows, seed: int) -> Rows:
    """One of the `rows` of every unit, drawn; sorted."""
    digests = dataset.digests or tuple(digest(item) for item in dataset.items)
    units = units_of(digests, dataset.groups)[rows]
    drawn = np.random.default_rng(seed).permutation(len(rows))
    return np.sort(rows[drawn[np.unique(units[drawn], return_index=True)[1]]])


def stratified_order(labels: np.ndarray, seed: int) -> Rows:
    """An order of rows whose every beginning has the classes in their shares, the first two rows of each before all."""
    rng = np.random.default_rng(seed)
    place = np.empty(len(labels))
    for code in np.unique(labels):
        members = rng.permutation(np.flatnonzero(labels == code))
        place[members] = (np.arange(len(members)) + rng.random()) / len(members)
        place[members[:2]] = -1 + 0.01 * np.arange(len(members[:2]))
    return np.argsort(place, kind="stable")
