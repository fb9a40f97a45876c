"""How far an accuracy, or a difference of two, can be trusted: intervals for independent, grouped, repeated rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from headstart.arrays import Labels, Matrix
from headstart.errors import DataError
from headstart.results import Interval, Score

LEVEL = 0.95


def accuracy_score_interval(correct: ArrayLike, *, groups: Sequence[Any] | None = None, folds: int = 5) -> Score:
    """Accuracy with standard error and 95 % interval.

    correct  (n,) right or wrong per row: Wilson's score interval (1927); or (R, n), every row scored once in each of R
             repeats of `folds`-fold cross-validation: models of one data set share rows, so the variance of one run
             is multiplied by 1/R + folds/(folds - 1), the correction of Nadeau & Bengio (Machine Learning 2003)
    groups   (n,): rows of one group are not independent; the variance comes from whole groups (sandwich), t quantiles;
             one group alone is one observation

    `se` is the half width of the interval over its quantile: it does not vanish where every answer is right.
    Raises `DataError` for no rows, entries outside 0..1, or groups of another length.
    """
    runs = _runs(correct)
    repeats, n = runs.shape
    value = float(runs.mean())
    effective = _effective_rows(runs - value, value, _clusters(groups, n)) / _shared_training(repeats, folds)
    quantile = _quantile(groups, n)
    low, high = wilson(value, effective, quantile)
    return Score(value, (high - low) / 2 / quantile, n, Interval(value, min(low, value), max(high, value), LEVEL))


def wilson(value: float, n: float, quantile: float = 1.959964) -> tuple[float, float]:
    """Wilson's score interval for a proportion seen on n (possibly fractional) rows.

    >>> tuple(round(end, 3) for end in wilson(0.9, 100))
    (0.826, 0.945)
    """
    square = quantile**2
    centre = (value + square / (2 * n)) / (1 + square / n)
    half = quantile / (1 + square / n) * np.sqrt(value * (1 - value) / n + square / (4 * n * n))
    return max(0.0, float(centre - half)), min(1.0, float(centre + half))


def paired_gain(
    correct_a: ArrayLike, correct_b: ArrayLike, *, groups: Sequence[Any] | None = None, folds: int = 5
) -> Interval:
    """Accuracy of a minus accuracy of b on the same rows, with its 95 % interval.

    Both are (n,) or (R, n) as in `accuracy_score_interval`, groups likewise. Half a pseudo-row is added to each of the
    four outcomes of a pair (Agresti & Min, Statistics in Medicine 2005): two models that agree on every row of a small
    test set have not been shown to be equal. Deterministic. Raises `DataError` when the two do not match.
    """
    a, b = _runs(correct_a), _runs(correct_b)
    if a.shape != b.shape:
        raise DataError(f"paired rows must match: shapes {np.shape(correct_a)} and {np.shape(correct_b)}")
    repeats, n = a.shape
    difference = a - b
    value = float(difference.mean())
    clusters = _clusters(groups, n)
    unit = 1.0 if clusters is None else n / (clusters.max() + 1)  # a pseudo-row is as large as a group
    centre = float(difference.sum() / repeats / (n + 2 * unit))
    spread = _cluster_variance(difference - centre, clusters, n + 2 * unit, extra=unit**2 * (1 + 2 * centre**2))
    half = _quantile(groups, n) * np.sqrt(spread * _shared_training(repeats, folds))
    low, high = max(-1.0, centre - half), min(1.0, centre + half)
    return Interval(value, min(low, value), max(high, value), LEVEL)


def mean_interval(values: Sequence[float], *, lowest: float = -np.inf, highest: float = np.inf) -> Interval:
    """The mean of independent repeats with Student's 95 % interval (1908), kept within [lowest, highest].

    A single value has no interval: its ends are NaN. Raises `DataError` for none.

    >>> print(mean_interval([0.8, 0.9]))
    .850 [.215, 1.485]
    """
    array = np.asarray(values, dtype=np.float64)
    if not len(array):
        raise DataError("a mean needs at least one value")
    mean = float(array.mean())
    if len(array) == 1:
        return Interval(mean, np.nan, np.nan, LEVEL)
    half = float(stats.t.ppf(0.5 + LEVEL / 2, len(array) - 1) * array.std(ddof=1) / np.sqrt(len(array)))
    return Interval(mean, max(lowest, mean - half), min(highest, mean + half), LEVEL)


def _runs(correct: ArrayLike) -> Matrix:
    runs = np.atleast_2d(np.asarray(correct, dtype=np.float64))
    if runs.ndim != 2 or not runs.size:
        raise DataError(f"correct must have shape (n,) or (repeats, n) with n > 0, got {np.shape(correct)}")
    if not ((runs >= 0) & (runs <= 1)).all():
        raise DataError("correct must lie between 0 (wrong) and 1 (right) in every row")
    return runs


def _clusters(groups: Sequence[Any] | None, n: int) -> Labels | None:
    if groups is None:
        return None
    if len(groups) != n:
        raise DataError(f"{n} rows but {len(groups)} groups; they must match one to one")
    clusters: Labels = np.unique(np.asarray(groups), return_inverse=True)[1].astype(np.int64)
    return clusters


def _quantile(groups: Sequence[Any] | None, n: int) -> float:
    upper = 0.5 + LEVEL / 2
    return float(stats.norm.ppf(upper) if groups is None else stats.t.ppf(upper, max(1, len(set(groups)) - 1)))


def _shared_training(repeats: int, folds: int) -> float:
    """1 for rows scored once by a model that saw none of them, else Nadeau & Bengio's factor on one run's variance."""
    return 1.0 if repeats == 1 else 1 / repeats + folds / (folds - 1)


def _cluster_variance(deviation: Matrix, clusters: Labels | None, n: float, *, extra: float = 0.0) -> float:
    """Variance of the mean over n rows from the sums of independent clusters, averaged over runs (R, n); `extra` is
    what pseudo-rows add to the sum of squares."""
    units = deviation
    if clusters is not None:
        units = np.stack([np.bincount(clusters, run) for run in deviation])
    total = (units**2).sum(axis=1).mean() + extra
    count = units.shape[1]
    correction = 1.0 if clusters is None else count / max(1, count - 1)
    return float(total * correction / n**2)


def _effective_rows(deviation: Matrix, value: float, clusters: Labels | None) -> float:
    """How many independent rows would give the same variance; with every answer alike, one per group."""
    n = deviation.shape[1]
    if clusters is None:
        return float(n)
    variance = _cluster_variance(deviation, clusters, n)
    if variance == 0:
        return float(clusters.max() + 1)
    return min(float(n), value * (1 - value) / variance)
