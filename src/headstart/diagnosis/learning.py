"""What more labels of the target would bring: accuracies at growing numbers, and a power law through them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.diagnosis.findings import MorePoint
from headstart.diagnosis.harm import answers
from headstart.diagnosis.sampling import Known
from headstart.stats.power_law import power_law

SHARES = (0.125, 0.25, 0.5)
BEYOND = (2, 4)
REPEATS = 3


def more_labels(known: Known, *, rng: np.random.Generator) -> tuple[MorePoint, ...]:
    """Half of the labelled target rows judge, growing parts of the other half teach; empty below 40 rows.

    Rows are in the leading components of both sides, where refitting is cheap: one decomposition serves all.
    """
    (source, target), (source_labels, labels) = known.X, known.labels
    groups, n_classes = (known.groups[1] if known.groups else None), len(known.classes)
    if len(labels) < 40:
        return ()
    sizes = [max(4, int(share * len(labels))) for share in SHARES]
    errors = np.zeros((len(sizes), 2))
    for _ in range(REPEATS):
        teach, judge = _halves(len(labels), groups, rng)
        for place, size in enumerate(sizes):
            rows = teach[:size]
            X, y = np.concatenate([source, target[rows]]), np.concatenate([source_labels, labels[rows]])
            for column, fitted in enumerate(((target[rows], labels[rows]), (X, y))):
                right = answers(*fitted, target[judge], n_classes).argmax(axis=1) == labels[judge]
                errors[place, column] += (1 - right.mean()) / REPEATS
    points = [
        MorePoint(size, 1 - float(alone), 1 - float(both), True)
        for size, (alone, both) in zip(sizes, errors, strict=True)
    ]
    laws = [power_law(np.array(sizes, dtype=float), errors[:, column]) for column in range(2)]
    for factor in BEYOND:
        n = factor * len(labels)
        alone, both = (1 - (floor + slope * n**-exponent) for floor, slope, exponent in laws)
        points.append(MorePoint(n, alone, both, False))
    return tuple(points)


def _halves(
    n: int, groups: NDArray[Any] | None, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    if groups is None:
        order = rng.permutation(n)
        return order[: n // 2], order[n // 2 :]
    units = np.unique(groups, return_inverse=True)[1].reshape(-1)
    teaching = rng.permutation(units.max() + 1)[: (units.max() + 1) // 2]
    taught = np.isin(units, teaching)
    return rng.permutation(np.flatnonzero(taught)), np.flatnonzero(~taught)
