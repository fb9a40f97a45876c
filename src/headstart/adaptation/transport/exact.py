"""Exact transport: the plan of least cost, and every source row where it is sent (Courty et al., TPAMI 2017)."""

from __future__ import annotations

from typing import Any, ClassVar

from headstart.adaptation.transport.planned import Coupling, PlannedTransport
from headstart.adaptation.transport.simplex import exact_plan
from headstart.arrays import Matrix, Vector


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
