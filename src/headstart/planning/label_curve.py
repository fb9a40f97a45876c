"""What more labels would bring: accuracy of a frozen head at growing numbers of rows, from one decomposition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from headstart.arrays import Labels, Matrix, Rows
from headstart.planning.left_out import left_out
from headstart.results import Interval
from headstart.stats.power_law import power_law
from headstart.stats.spectrum import Spectrum
from headstart.strategies.findings import CurvePoint

SHARES = (0.125, 0.25, 0.5)
BEYOND = 2
REPEATS = 3
FEWEST = 40  # rows below which a part of them teaches nothing about the whole


@dataclass(frozen=True, kw_only=True)
class LabelCurve:
    """points: accuracy with its interval at n/8, n/4, n/2 and n rows; `beyond`: the law read at twice as many."""

    points: tuple[CurvePoint, ...]
    beyond: CurvePoint | None

    @property
    def rise(self) -> float:
        """Accuracy that twice as many labels would add; NaN where the curve is not known."""
        return float("nan") if self.beyond is None else self.beyond.accuracy.value - self.points[-1].accuracy.value


def label_curve(X: Any, labels: Labels, n_classes: int, *, seed: int = 0) -> LabelCurve:
    """Leave-one-out on stratified parts of the rows (n, d) and on all of them, and a power law through the errors.

    The rows are decomposed once; parts are judged in the coordinates of that decomposition, which keep every distance
    and angle. The interval at twice the rows spans what the law says with each repeat of the parts alone. Empty below
    40 rows or where a class has fewer than two.
    """
    counts = np.bincount(labels, minlength=n_classes)
    if len(labels) < FEWEST or counts[counts > 0].min() < 2:
        return LabelCurve(points=(), beyond=None)
    coordinates = Spectrum.of(X).coordinates
    rng = np.random.default_rng(seed)
    sizes: list[int] = []
    accuracies, points = [], []
    for share in SHARES:
        parts = [_part(labels, share, rng) for _ in range(REPEATS)]
        scores = [left_out(coordinates[rows], labels[rows]).score() for rows in parts]
        judged = [score for score in scores if score is not None]
        if len(judged) < REPEATS or (sizes and sizes[-1] == len(parts[0])):
            continue
        value = float(np.mean([score.value for score in judged]))
        half = float(np.mean([score.interval.high - score.interval.low for score in judged])) / 2 / REPEATS**0.5
        points.append(CurvePoint(n=len(parts[0]), accuracy=_around(value, half)))
        sizes.append(len(parts[0]))
        accuracies.append([score.value for score in judged])
    whole = left_out(coordinates, labels).score()
    assert whole is not None, "every class has two rows"
    points.append(CurvePoint(n=len(labels), accuracy=whole.interval))
    return LabelCurve(points=tuple(points), beyond=_beyond(sizes, accuracies, len(labels), whole.value))


def _beyond(sizes: list[int], accuracies: list[list[float]], n: int, whole: float) -> CurvePoint | None:
    if not sizes:
        return None
    numbers = np.array([*sizes, n], dtype=np.float64)
    errors: Matrix = 1 - np.vstack([np.array(accuracies), np.full(REPEATS, whole)])
    further = float(BEYOND * n)
    told = [_read(power_law(numbers, column), further) for column in (errors.mean(axis=1), *errors.T)]
    value = max(told[0], whole)
    return CurvePoint(n=BEYOND * n, accuracy=Interval(value, min(value, *told), max(value, *told)))


def _read(law: tuple[float, float, float], n: float) -> float:
    floor, slope, exponent = law
    return float(1 - (floor + slope * n**-exponent))


def _part(labels: Labels, share: float, rng: np.random.Generator) -> Rows:
    """A share of every class, at least two rows of each."""
    chosen = []
    for code in np.unique(labels):
        members = rng.permutation(np.flatnonzero(labels == code))
        chosen.append(members[: max(2, round(share * len(members)))])
    return np.sort(np.concatenate(chosen))


def _around(value: float, half: float) -> Interval:
    return Interval(value, max(0.0, value - half), min(1.0, value + half))
