"""Exact transport: the plan of least cost (Kantorovich, 1942), by the network simplex of POT (Bonneel et al., 2011)."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from headstart.adaptation.transport.planned import Coupling, PlannedTransport
from headstart.arrays import Matrix, Vector
from headstart.registry import require


def exact_plan(cost: Matrix, a: Vector, b: Vector, *, max_iter: int) -> Coupling:
    """min <plan, cost> over plans with row sums a (n,) and column sums b (m,); gap: the duality gap, in
    units of what sending everything everywhere would cost."""
    ot = require("ot", extra="transport")
    plan, log = ot.emd(a, b, cost, numItermax=max_iter, log=True, check_marginals=False)
    value = float((plan * cost).sum())
    # whatever the solver says of its dual, these potentials are feasible
    u = np.asarray(log["u"], dtype=np.float64)
    v = (cost - u[:, None]).min(axis=0)
    missing = float(np.abs(plan.sum(axis=1) - a).sum() + np.abs(plan.sum(axis=0) - b).sum())
    everywhere = float(a @ cost @ b)
    return Coupling(plan, max(0.0, value - float(u @ a + v @ b)) / max(everywhere, 1e-300) + missing)


class ExactTransport(PlannedTransport):
    """Needs POT (`pip install 'headstart[transport]'`). Sharp: each source row lands on one target row or between a
    few, which follows the target's noise more than `transport` does.

    max_iter  pivots of the simplex
    """

    name: ClassVar[str] = "exact_transport"

    def __init__(self, *, tolerance: float = 1e-6, max_iter: int = 1_000_000, head: Any = None) -> None:
        self.tolerance = tolerance
        self.max_iter = max_iter
        self.head = head

    def _couple(self, cost: Matrix, a: Vector, b: Vector) -> Coupling:
        return exact_plan(cost, a, b, max_iter=self.max_iter)
