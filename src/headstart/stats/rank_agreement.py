"""How far one order agrees with another where it matters: the weighted Kendall correlation (Vigna, WWW 2015)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from headstart.arrays import Labels, Matrix, Vector
from headstart.errors import DataError
from headstart.results import Interval


def weighted_tau(first: ArrayLike, second: ArrayLike) -> float:
    """Kendall's τ of scores (k,), larger meaning better, pairs weighing 1/(r + 1) + 1/(s + 1) by the ranks r, s = 0 ...

    Ranks come once from the first and once from the second (ties broken by the other), and the results are averaged:
    libraries differ here, and published numbers with it. Ties count as in τ-b. NaN where one side is all ties.

    >>> weighted_tau([3, 2, 1], [30, 20, 10]), weighted_tau([3, 2, 1], [10, 20, 30])
    (1.0, -1.0)
    """
    x, y = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if x.ndim != 1 or x.shape != y.shape or len(x) < 2:
        raise DataError(f"two lists of at least 2 scores each must match, got shapes {x.shape} and {y.shape}")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise DataError("scores must be finite; leave out what could not be scored")
    return (_tau(x, y, _ranks(x, y)) + _tau(x, y, _ranks(y, x))) / 2


def mean_weighted_tau(
    predicted: Sequence[ArrayLike],
    truth: Sequence[ArrayLike],
    *,
    tasks: Sequence[Hashable] | None = None,
    draws: int = 2000,
    seed: int = 0,
    level: float = 0.95,
) -> Interval:
    """The mean over tasks, with the interval of a bootstrap over tasks.

    Each has its own scores and truth, of any length; one whose truth is all ties says nothing and is left out. `tasks`
    names what several belong to: those of one task are averaged first, as they are not independent. Raises `DataError`
    where no task is left.
    """
    if len(predicted) != len(truth):
        raise DataError(f"{len(predicted)} tasks were predicted and {len(truth)} have a truth; they must match")
    of_task: dict[Hashable, list[float]] = defaultdict(list)
    for task, a, b in zip(range(len(truth)) if tasks is None else tasks, predicted, truth, strict=True):
        if np.ptp(np.asarray(b)) > 0:
            of_task[task].append(0.0 if np.ptp(np.asarray(a)) == 0 else weighted_tau(a, b))
    found = np.array([np.mean(values) for values in of_task.values()])
    if not len(found):
        raise DataError("no task has candidates that differ: there is no order to agree with")
    rng = np.random.default_rng(seed)
    means = found[rng.integers(0, len(found), (draws, len(found)))].mean(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(found.mean()), float(low), float(high), level)


def _ranks(by: Vector, then: Vector) -> Labels:
    """0 for the largest."""
    ranks = np.empty(len(by), dtype=np.int64)
    ranks[np.lexsort((then, by))[::-1]] = np.arange(len(by))
    return ranks


def _tau(x: Vector, y: Vector, ranks: Labels) -> float:
    weights = 1 / (ranks + 1.0)
    pairs: Matrix = weights[:, None] + weights[None]
    one, other = np.sign(x[:, None] - x), np.sign(y[:, None] - y)
    norms = np.sqrt((pairs * one**2).sum() * (pairs * other**2).sum())
    return float((pairs * one * other).sum() / norms) if norms > 0 else float("nan")
