"""Entropic optimal transport by Sinkhorn's scaling (Cuturi, NeurIPS 2013), in the precision of the cost, absorbing
scalings into potentials before they overflow (Schmitzer, SIAM J. Scientific Computing 2019)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from headstart.arrays import Labels, Matrix, Vector
from headstart.stats.shared_scaling import group_potentials

BLOCK = 64  # rows
LARGEST = 1e12  # of a scaling, before it is absorbed; float32 reaches 1e38


@dataclass(frozen=True, eq=False)
class Plan:
    """The plan diag(u) K diag(v) (n, m), kept as its kernel and scalings.

    source_potential, target_potential  (n,), (m,): the plan is exp((f + g - C) / reg), times nothing
    gap  how far row sums are from what they should be, in total mass; iterations
    """

    kernel: Matrix
    u: Vector
    v: Vector
    source_potential: Vector
    target_potential: Vector
    gap: float
    iterations: int

    def times(self, Y: Matrix) -> Matrix:
        """plan @ Y (n, k), without the plan."""
        return self.u[:, None] * (self.kernel @ (self.v[:, None] * Y).astype(self.kernel.dtype))

    def summed(self, groups: Labels) -> Matrix:
        """What each run of rows sends to each target row (k, m); groups (k,) are the first rows of runs."""
        return summed(self.u, self.kernel, groups) * self.v

    @property
    def matrix(self) -> Matrix:
        return self.u[:, None] * self.kernel * self.v


def sinkhorn(
    cost: Matrix,
    a: Vector,
    b: Vector,
    *,
    reg: float,
    tolerance: float = 1e-3,
    max_iter: int = 1000,
    start: tuple[Vector, Vector] | None = None,
    groups: Labels | None = None,
) -> Plan:
    """min over plans with row sums a (n,) and column sums b (m,) of <plan, cost> + reg Σ plan (log plan - 1).

    cost (n, m); a and b sum to 1. `start`: potentials to begin with, from a similar problem. Stops when the row sums
    are off by less than `tolerance` in total (columns are exact).

    groups: (k,) the first rows of runs, 0 being the first. What each run sends in all is then settled in every
    iteration, which saves hundreds of them where runs hardly share target rows.
    """
    if start is None:
        f = cost.min(axis=1).astype(np.float64)
        g = (cost - f[:, None].astype(cost.dtype)).min(axis=0).astype(np.float64)
    else:
        f, g = start
    K = scaled_kernel(cost, f, g, reg)
    u, v = np.ones(len(a), dtype=cost.dtype), np.ones(len(b), dtype=cost.dtype)
    a, b = a.astype(cost.dtype), b.astype(cost.dtype)
    gap, iteration = np.inf, 0
    for iteration in range(1, max_iter + 1):
        rows = K @ v
        if iteration > 1:
            gap = float(np.abs(u * rows - a).sum(dtype=np.float64))
            if gap <= tolerance:
                break
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            new_u: Vector = a / rows
            if groups is None:
                new_v: Vector = b / (K.T @ new_u)
            else:
                new_u, new_v = _settled(K, new_u, a, b, groups, tolerance=tolerance / 10)
        sound = _sound(new_u) and _sound(new_v)
        if sound:
            u, v = new_u, new_v
            if max(u.max(), v.max()) <= LARGEST:
                continue
        f, g = f + reg * np.log(u, dtype=np.float64), g + reg * np.log(v, dtype=np.float64)
        if not sound:
            f, g = _log_step(cost, f, g, a, b, reg, groups, tolerance=tolerance / 10)
        K = scaled_kernel(cost, f, g, reg)
        u, v = np.ones_like(u), np.ones_like(v)
    return Plan(K, u, v, f + reg * np.log(u, dtype=np.float64), g + reg * np.log(v, dtype=np.float64), gap, iteration)


def scaled_kernel(cost: Matrix, f: Vector, g: Vector, reg: float) -> Matrix:
    """exp((f + g - cost) / reg), in the cost's precision, a block at a time while it is in the cache."""
    rows, columns = ((each / reg).astype(cost.dtype) for each in (f, g))
    found = np.empty_like(cost)
    for start in range(0, len(cost), BLOCK):
        block = np.multiply(cost[start : start + BLOCK], -1 / reg, out=found[start : start + BLOCK])
        for potential in (rows[start : start + BLOCK, None], columns):
            if potential.any():
                block += potential
        np.exp(block, out=block)
    return found


def summed(u: Vector, K: Matrix, groups: Labels) -> Matrix:
    """u' K within each run of rows (k, m)."""
    ends = [*groups[1:], len(u)]
    return np.stack([u[start:end] @ K[start:end] for start, end in zip(groups, ends, strict=True)])


def _settled(K: Matrix, u: Vector, a: Vector, b: Vector, groups: Labels, *, tolerance: float) -> tuple[Vector, Vector]:
    """Scalings of rows, one factor for each run aside, and of columns, by which runs and columns have their masses."""
    t, s = _potentials_of_runs(np.log(summed(u, K, groups), dtype=np.float64), a, b, groups, tolerance=tolerance)
    return u * np.exp(t).astype(u.dtype), np.exp(s).astype(u.dtype)


def _potentials_of_runs(
    logs: Matrix, a: Vector, b: Vector, groups: Labels, *, tolerance: float
) -> tuple[Vector, Vector]:
    """Of each row (n,), the same within a run, and of each column."""
    of_runs, of_columns = np.add.reduceat(a, groups, dtype=np.float64), b.astype(np.float64)
    t, s = group_potentials(logs, of_runs * (of_columns.sum() / of_runs.sum()), of_columns, tolerance=tolerance)
    return np.repeat(t, np.diff(groups, append=len(a))), s


def _sound(scaling: Vector) -> bool:
    return bool(np.isfinite(scaling).all() and (scaling > 0).all())


def _log_step(
    cost: Matrix, f: Vector, g: Vector, a: Vector, b: Vector, reg: float, groups: Labels | None, *, tolerance: float
) -> tuple[Vector, Vector]:
    """One update of both potentials in the log domain, where nothing can overflow."""
    C = cost.astype(np.float64)
    f = reg * (np.log(a, dtype=np.float64) - logsumexp((g - C) / reg, axis=1))
    scores = (f[:, None] - C) / reg
    if groups is None:
        return f, reg * (np.log(b, dtype=np.float64) - logsumexp(scores, axis=0))
    logs = np.stack([logsumexp(part, axis=0) for part in np.split(scores, groups[1:])])
    t, s = _potentials_of_runs(logs, a, b, groups, tolerance=tolerance)
    return f + reg * t, reg * s
