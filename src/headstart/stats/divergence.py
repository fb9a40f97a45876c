"""How far apart two distributions of labels are, and how much re-weighting one to look like the other leaves over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2_contingency

from headstart.arrays import Matrix, Vector
from headstart.results import Interval


@dataclass(frozen=True)
class Contingency:
    """Are two rows of counts drawn from one distribution? G statistic, its p, and Cramér's V (0 none .. 1 total)."""

    g: float
    p: float
    cramers_v: float


def g_test(counts: Matrix) -> Contingency:
    """The G-test (Wilks 1938; Woolf 1957) on counts (2, C); classes that neither side has are left out.

    Cramér's V (1946) has the bias of small samples taken off (Bergsma, J. Korean Statistical Society 2013).
    """
    counts = np.asarray(counts, dtype=np.float64)
    counts = counts[:, counts.sum(axis=0) > 0]
    if counts.shape[1] < 2 or not counts.sum(axis=1).all():
        return Contingency(0.0, 1.0, 0.0)
    found = chi2_contingency(counts, correction=False, lambda_="log-likelihood")
    chi2 = chi2_contingency(counts, correction=False).statistic
    n = counts.sum()
    excess = max(0.0, chi2 / n - found.dof / (n - 1))
    columns = counts.shape[1] - (counts.shape[1] - 1) ** 2 / (n - 1)
    rows = 2 - 1 / (n - 1)
    return Contingency(float(found.statistic), float(found.pvalue), float(np.sqrt(excess / min(columns - 1, rows - 1))))


def total_variation(p: Vector, q: Vector) -> float:
    """The largest difference in probability that any set of classes can have.

    >>> total_variation(np.array([0.5, 0.5]), np.array([0.25, 0.75]))
    0.25
    """
    return float(np.abs(np.asarray(p) - np.asarray(q)).sum() / 2)


def effective_share(weights: Vector) -> float:
    """Kish's (1965) effective sample size of weighted rows as a share of all: 1 for equal weights, 1/n for one row."""
    weights = np.asarray(weights, dtype=np.float64)
    return float(weights.sum() ** 2 / (len(weights) * (weights**2).sum()))


def auc_interval(
    lower: Vector, upper: Vector, *, groups: tuple[NDArray[Any], NDArray[Any]] | None = None, quantile: float = 1.959964
) -> Interval:
    """How often a value of `upper` exceeds one of `lower` (ties half), with DeLong's interval (Biometrics 1988).

    groups  of each side's values: placements are summed per group (Obuchowski, Biometrics 1997)
    """
    in_lower, in_upper = _placements(lower, upper), 1 - _placements(upper, lower)
    value = float(in_upper.mean())
    deviations = (in_lower - value, in_upper - value)
    variance = sum(_variance(one, None if groups is None else groups[side]) for side, one in enumerate(deviations))
    half = quantile * float(np.sqrt(variance))
    return Interval(value, max(0.0, value - half), min(1.0, value + half))


def _placements(values: Vector, others: Vector) -> Vector:
    """For each value the share of the others above it, ties half."""
    ordered = np.sort(others)
    right, left = (np.searchsorted(ordered, values, side=side) for side in ("right", "left"))
    return np.asarray(1 - (right + left) / (2 * len(ordered)))


def _variance(deviation: Vector, groups: NDArray[Any] | None) -> float:
    sums = deviation if groups is None else np.bincount(np.unique(groups, return_inverse=True)[1], deviation)
    return float((sums**2).sum() / len(deviation) ** 2)
