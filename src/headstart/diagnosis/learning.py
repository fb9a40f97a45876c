"""What more labels of the target would bring: accuracies at growing numbers, and a power law through them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.arrays import Vector
from headstart.diagnosis.findings import MorePoint
from headstart.diagnosis.harm import answers
from headstart.diagnosis.sampling import Known
from headstart.results import Interval
from headstart.stats.power_law import power_law

SHARES = (0.125, 0.25, 0.5)
BEYOND = (2, 4)
REPEATS = 4


def more_labels(known: Known, *, rng: np.random.Generator) -> tuple[MorePoint, ...]:
    """Half of the labelled target rows judge, growing parts of the other half teach; empty below 40 rows.

    Rows are in the leading components of both sides, where refitting is cheap.
    """
    (source, target), (source_labels, labels) = known.X, known.labels
    groups, n_classes = (known.groups[1] if known.groups else None), len(known.classes)
    if len(labels) < 40:
        return ()
    sizes = [max(4, int(share * len(labels))) for share in SHARES]
    errors = np.zeros((REPEATS, len(sizes), 2))
    judges = 0.0
    for repeat in range(REPEATS):
        teach, judge = _halves(len(labels), groups, rng)
        judges += (len(judge) if groups is None else len(np.unique(groups[judge]))) / REPEATS
        for place, size in enumerate(sizes):
            rows = teach[:size]
            X, y = np.concatenate([source, target[rows]]), np.concatenate([source_labels, labels[rows]])
            for column, fitted in enumerate(((target[rows], labels[rows]), (X, y))):
                right = answers(*fitted, target[judge], n_classes).argmax(axis=1) == labels[judge]
                errors[repeat, place, column] = 1 - right.mean()
    n = np.array(sizes, dtype=float)
    beyond = [float(factor * len(labels)) for factor in BEYOND]
    curves = []
    for column in range(2):
        mean = errors[:, :, column].mean(axis=0)
        each = np.array([_ahead(n, one, beyond) for one in errors[:, :, column]])
        spread = np.r_[errors[:, :, column].std(axis=0), each.std(axis=0)] / np.sqrt(REPEATS)
        values = [*mean.tolist(), *_ahead(n, mean, beyond)]
        curves.append([_accuracy(error, one, judges) for error, one in zip(values, spread.tolist(), strict=True)])
    return tuple(
        MorePoint(int(size), alone, both, place < len(sizes))
        for place, (size, alone, both) in enumerate(zip([*sizes, *beyond], *curves, strict=True))
    )


def _ahead(n: Vector, error: Vector, beyond: list[float]) -> list[float]:
    floor, slope, exponent = power_law(n, error)
    return [floor + slope * size**-exponent for size in beyond]


def _accuracy(error: float, spread: float, judges: float) -> Interval:
    """With the sampling error of the rows (or groups) that judge, and that of the dealing."""
    shy = (error * judges + 1) / (judges + 2)  # no error seen is not no error (Agresti & Coull 1998)
    half = 1.96 * (shy * (1 - shy) / max(judges, 1) + spread**2) ** 0.5
    return Interval(1 - error, max(0.0, 1 - error - half), min(1.0, 1 - error + half))


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
