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
REGS = (0.03, 0.01, 0.003)  # entropy of the plans that lead there, as shares of the average cost
PER_ROW = 40  # pairs that the first solution may use
ROUNDS = 10
BLOCK = 64
OPTIMAL = 1e-9  # gap that counts as none


@dataclass(frozen=True, eq=False)
class ExactPlan(Coupling):
    """gap: the duality gap, in units of what sending everything everywhere would cost beyond the least; potentials (n,)
    and (m,), which add up to no more than the cost of any pair."""

    potentials: tuple[Vector, Vector]


def exact_plan(
    cost: Matrix, a: Vector, b: Vector, *, max_iter: int, start: tuple[Vector, Vector] | None = None
) -> ExactPlan:
    """min <plan, cost> over plans with row sums a (n,) and column sums b (m,), in at most `max_iter` pivots a solution.

    start: potentials of a similar problem.
    """
    unit = float(a @ cost @ b) - float(cost.min()) or 1.0
    if cost.size <= FEW_PAIRS:
        return _solved(cost, a, b, cost, unit=unit, max_iter=max_iter)
    f, g = approximate_potentials(cost, a, b, unit=unit) if start is None else start
    pairs = likely_pairs(cost, f, g)
    pairs[staircase(a, b)] = True  # there is a plan in any case
    for _ in range(ROUNDS):
        rows, columns = np.nonzero(pairs)
        offered = sparse.coo_matrix((cost[rows, columns], (rows, columns)), shape=cost.shape)
        found = _solved(cost, a, b, offered, unit=unit, max_iter=max_iter)
        if found.gap <= OPTIMAL:
            return found
        f, g = found.potentials
        pairs |= likely_pairs(cost, f, g)
    return _solved(cost, a, b, cost, unit=unit, max_iter=max_iter, start=(f, g))


def approximate_potentials(cost: Matrix, a: Vector, b: Vector, *, unit: float) -> tuple[Vector, Vector]:
    """Of entropic plans, sharper and sharper, in single precision and units of `unit`."""
    lowest = float(cost.min())
    single, start = ((cost - lowest) / unit).astype(np.float32), None
    for reg in REGS:
        plan = sinkhorn(single, a, b, reg=reg, tolerance=0.03, max_iter=100, start=start)
        start = plan.source_potential, plan.target_potential
    return plan.source_potential * unit + lowest, plan.target_potential * unit


def likely_pairs(cost: Matrix, f: Vector, g: Vector) -> Mask:
    """Pairs that cost least beyond their potentials: some per row and column on average, and the least of each."""
    n, m = cost.shape
    beyond = cost.astype(np.float32)
    beyond -= f.astype(np.float32)[:, None]
    beyond -= g.astype(np.float32)
    some = beyond.ravel()[:: max(1, cost.size // FEW_PAIRS)]
    pairs = beyond <= np.quantile(some, min(1.0, PER_ROW * (n + m) / cost.size))
    pairs[np.arange(n), beyond.argmin(axis=1)] = True
    pairs[beyond.argmin(axis=0), np.arange(m)] = True
    return np.asarray(pairs)


def staircase(a: Vector, b: Vector) -> tuple[Labels, Labels]:
    """The pairs (rows, columns) of the plan that sends masses in the order in which they stand."""
    of_rows, of_columns = np.cumsum(a), np.cumsum(b)
    cuts = np.concatenate([[0.0], np.sort(np.concatenate([of_rows, of_columns]))])
    between = (cuts[1:] + cuts[:-1]) / 2
    rows, columns = (np.searchsorted(each, between).clip(max=len(each) - 1) for each in (of_rows, of_columns))
    return rows, columns


def _solved(
    cost: Matrix, a: Vector, b: Vector, offered: Any, *, unit: float, max_iter: int,
    start: tuple[Vector, Vector] | None = None,
) -> ExactPlan:  # fmt: skip
    """The least plan over the pairs `offered` (n, m), dense or COO, and how far it is from that over all pairs."""
    ot = require("ot", extra="transport")
    plan, log = ot.emd(a, b, offered, numItermax=max_iter, log=True, check_marginals=False, potentials_init=start)
    if sparse.issparse(plan):
        plan = plan.tocoo()
        value, plan = float(cost[plan.row, plan.col] @ plan.data), plan.toarray()
    else:
        value = float((plan * cost).sum())
    # whatever the solver says of its dual, these potentials are feasible
    u = np.asarray(log["u"], dtype=np.float64)
    v = np.full(len(b), np.inf)
    for first in range(0, len(a), BLOCK):
        np.minimum(v, (cost[first : first + BLOCK] - u[first : first + BLOCK, None]).min(axis=0), out=v)
    missing = float(np.abs(plan.sum(axis=1) - a).sum() + np.abs(plan.sum(axis=0) - b).sum())
    return ExactPlan(plan, max(0.0, value - float(u @ a + v @ b)) / unit + missing, (u, v))
