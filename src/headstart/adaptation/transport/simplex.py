"""Exact plans (Kantorovich, 1942) by POT's network simplex (Bonneel et al., 2011), asked about the few pairs that an
entropic plan holds for possible; all others are checked afterwards (column generation: Dantzig & Wolfe, 1960)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from headstart.adaptation.transport.planned import Coupling
from headstart.arrays import Labels, Mask, Matrix, Vector
from headstart.registry import require
from headstart.stats.sinkhorn import sinkhorn

FEW_PAIRS = 100_000  # so many are solved at once
REG = 0.01  # entropy of the plan that leads there, as a share of the average cost
PER_ROW = 15  # pairs that the first solution may use
ROUNDS = 10
BLOCK = 64
OPTIMAL = 1e-9  # gap that counts as none


@dataclass(frozen=True, eq=False)
class ExactPlan(Coupling):
    """plan (n, m), sparse; gap: the duality gap, in units of what sending everything everywhere would cost beyond the
    least; potentials (n,) and (m,), which add up to no more than the cost of any pair."""

    potentials: tuple[Vector, Vector]


def exact_plan(
    cost: Matrix, a: Vector, b: Vector, *, max_iter: int, start: tuple[Vector, Vector] | None = None,
    groups: Labels | None = None,
) -> ExactPlan:  # fmt: skip
    """min <plan, cost> over plans with row sums a (n,) and column sums b (m,), in at most `max_iter` pivots a solution.

    start: potentials of a similar problem; groups: as in `sinkhorn`, where runs of rows cost much the same.
    """
    unit = float(a @ cost @ b) - float(cost.min()) or 1.0
    if cost.size <= FEW_PAIRS:
        return _solved(cost, a, b, unit=unit, max_iter=max_iter)
    single = cost.astype(np.float32)
    f, g = approximate_potentials(single, a, b, unit=unit, start=start, groups=groups)
    pairs = likely_pairs(single, f, g)
    pairs[staircase(a, b)] = True  # there is a plan in any case
    for _ in range(ROUNDS):
        found = _solved_among(pairs, cost, a, b, (f, g), unit=unit, max_iter=max_iter)
        if found.gap <= OPTIMAL:
            return found
        f, g = found.potentials
        pairs |= likely_pairs(single, f, g)
    return _solved(cost, a, b, unit=unit, max_iter=max_iter, start=(f, g))


def approximate_potentials(
    cost: Matrix, a: Vector, b: Vector, *, unit: float, start: tuple[Vector, Vector] | None = None,
    groups: Labels | None = None,
) -> tuple[Vector, Vector]:  # fmt: skip
    """Of an entropic plan, in units of `unit`."""
    single = cost / cost.dtype.type(unit)
    if start is not None:
        f = start[0] / unit
        start = f, (single - f.astype(single.dtype)[:, None]).min(axis=0).astype(np.float64)
    plan = sinkhorn(single, a, b, reg=REG, tolerance=0.03, max_iter=100, start=start, groups=groups)
    return plan.source_potential * unit, plan.target_potential * unit


def likely_pairs(cost: Matrix, f: Vector, g: Vector) -> Mask:
    """Pairs that cost least beyond their potentials: some per row and column on average, and the least of each."""
    n, m = cost.shape
    beyond = cost - f.astype(cost.dtype)[:, None]
    beyond -= g.astype(cost.dtype)
    some = beyond.ravel()[:: max(1, cost.size // FEW_PAIRS)]
    pairs = beyond <= np.quantile(some, min(1.0, PER_ROW * (n + m) / cost.size))
    pairs[np.arange(n), beyond.argmin(axis=1)] = True
    pairs |= beyond <= beyond.min(axis=0)
    return np.asarray(pairs)


def staircase(a: Vector, b: Vector) -> tuple[Labels, Labels]:
    """The pairs (rows, columns) of the plan that sends masses in the order in which they stand."""
    of_rows, of_columns = np.cumsum(a), np.cumsum(b)
    cuts = np.concatenate([[0.0], np.sort(np.concatenate([of_rows, of_columns]))])
    between = (cuts[1:] + cuts[:-1]) / 2
    rows, columns = (np.searchsorted(each, between).clip(max=len(each) - 1) for each in (of_rows, of_columns))
    return rows, columns


def _solved(
    cost: Matrix, a: Vector, b: Vector, *, unit: float, max_iter: int, start: tuple[Vector, Vector] | None = None
) -> ExactPlan:
    """The least plan, by asking about all pairs."""
    ot = require("ot", extra="transport")
    plan, log = ot.emd(a, b, cost, numItermax=max_iter, log=True, check_marginals=False, potentials_init=start)
    return _with_gap(sparse.csr_array(plan), log["u"], cost, a, b, unit=unit)


def _solved_among(
    pairs: Mask, cost: Matrix, a: Vector, b: Vector, potentials: tuple[Vector, Vector], *, unit: float, max_iter: int
) -> ExactPlan:
    """The least plan over these pairs (n, m), and how far it is from that over all.

    What pairs cost beyond potentials makes the same plan the least, and the solver take good pairs first.
    """
    ot = require("ot", extra="transport")
    (rows, columns), (f, g) = np.nonzero(pairs), potentials
    beyond = sparse.coo_matrix((cost[rows, columns] - f[rows] - g[columns], (rows, columns)), shape=cost.shape)
    plan, log = ot.emd(a, b, beyond, numItermax=max_iter, log=True, check_marginals=False)
    return _with_gap(sparse.csr_array(plan), log["u"] + f, cost, a, b, unit=unit)


def _with_gap(plan: Any, u: Vector, cost: Matrix, a: Vector, b: Vector, *, unit: float) -> ExactPlan:
    """Whatever the solver says of its dual, these potentials are feasible."""
    v = np.full(len(b), np.inf)
    for first in range(0, len(a), BLOCK):
        np.minimum(v, (cost[first : first + BLOCK] - u[first : first + BLOCK, None]).min(axis=0), out=v)
    missing = float(np.abs(plan.sum(axis=1) - a).sum() + np.abs(plan.sum(axis=0) - b).sum())
    rows, columns = plan.nonzero()
    value = float(cost[rows, columns] @ plan.data)
    return ExactPlan(plan, max(0.0, value - float(u @ a + v @ b)) / unit + missing, (u, v))
