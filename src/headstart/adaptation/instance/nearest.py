"""Nearest-neighbour weighting (Loog, MLSP 2012): a source row counts for the target rows that are closest to it."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import gammaln

from headstart.adaptation.domains import Domains
from headstart.adaptation.instance.instance_adapter import InstanceAdapter
from headstart.arrays import Labels, Matrix, Vector
from headstart.errors import DataError

BLOCK = 256
ROUNDING = 1e-5  # of the largest term of a squared distance: what single precision may get wrong, and more


def neighbour_counts(Xs: Matrix, Xt: Matrix) -> Vector:
    """The number of target rows whose nearest source row this is (ns,); in a tie the first has it.

    >>> neighbour_counts(np.array([[0.0], [1.0]]), np.array([[0.9], [1.2], [5.0]]))
    array([0., 3.])
    """
    return np.bincount(nearest_rows(Xt, Xs), minlength=len(Xs)).astype(np.float64)


def nearest_rows(X: Matrix, anchors: Matrix) -> Labels:
    """Which of the anchors (m, d) is closest to each row (n,): all pairs in single precision, about the anchors' mean,
    and those that it cannot tell apart once more in the precision of the rows."""
    centre = anchors.mean(axis=0)
    lifted = _lifted(anchors, centre)
    lengths = np.einsum("ij,ij->i", lifted, lifted) - 1
    lifted[:, -1] = -lengths / 2  # |x - a|² is least where x'a - |a|²/2 is largest
    room, found = np.empty((min(BLOCK, len(X)), len(anchors)), dtype=np.float32), np.empty(len(X), dtype=np.int64)
    for start in range(0, len(X), BLOCK):
        rows = X[start : start + BLOCK]
        small = _lifted(rows, centre)
        scores = np.matmul(small, lifted.T, out=room[: len(rows)])
        margin = ROUNDING * (float(lengths.max()) + np.einsum("ij,ij->i", small, small))
        found[start : start + len(rows)] = _nearest(rows, anchors, scores, margin)
    return found


def _lifted(X: Matrix, centre: Vector) -> Matrix:
    """Rows about the centre and a column of ones (n, d + 1), in single precision."""
    lifted = np.ones((len(X), X.shape[1] + 1), dtype=np.float32)
    np.subtract(X, centre, out=lifted[:, :-1], casting="same_kind")
    return lifted


def _nearest(X: Matrix, anchors: Matrix, scores: Matrix, margin: Vector) -> Labels:
    """The anchor of highest score (n, m), by the distances themselves where others come within the margin (n,)."""
    found, rows = scores.argmax(axis=1), np.arange(len(X))
    least = scores[rows, found] - margin
    scores[rows, found] = -np.inf
    for row in np.flatnonzero(scores.max(axis=1) >= least):
        close = np.append(np.flatnonzero(scores[row] >= least[row]), found[row])
        close.sort()
        found[row] = close[((anchors[close] - X[row]) ** 2).sum(axis=1).argmin()]
    return np.asarray(found)


def likeliest_pseudo_count(counts: Vector) -> float:
    """The pseudo-count per cell, within e^±7, that makes the counts (k,) likeliest (Minka, Estimating a Dirichlet
    distribution, 2000). Large where the counts scatter no more than chance would."""
    total, cells = counts.sum(), len(counts)

    def lacking(log: float) -> float:
        each = np.exp(log)
        within = gammaln(counts + each).sum() - cells * gammaln(each)
        return -float(gammaln(cells * each) - gammaln(total + cells * each) + within)

    return float(np.exp(minimize_scalar(lacking, bounds=(-7.0, 7.0), method="bounded").x))


class NearestRatio(InstanceAdapter):
    """smoothing  pseudo-count added to every source row's: 0 leaves rows without target neighbours out, 1 is Laplace's
                  rule, None takes the count that is likeliest, which says more of the target where it lies apart and
                  less where it does not

    Counts are mostly 0, and worth few rows also where they are right: the guard lets them go further than other
    weights.

    Learned: smoothing_, and `InstanceAdapter`'s.
    """

    name: ClassVar[str] = "nearest"

    def __init__(self, *, smoothing: float | None = 0.0, least_effective: float = 0.05, head: Any = None) -> None:
        self.smoothing = smoothing
        self.least_effective = least_effective
        self.head = head

    def _ratio(self, domains: Domains) -> Vector:
        if self.smoothing is not None and self.smoothing < 0:
            raise DataError(f"smoothing must not be negative, got {self.smoothing}")
        counts = neighbour_counts(domains.Xs, domains.Xt)
        self.smoothing_ = likeliest_pseudo_count(counts) if self.smoothing is None else self.smoothing
        return counts + self.smoothing_
