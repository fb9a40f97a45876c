"""Partial transport: only a share of the mass has to travel, the rest has no counterpart (Caffarelli & McCann, Annals
of Mathematics 2010; solved with dummy rows: Chapel, Alaya & Gasso, NeurIPS 2020)."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from headstart.adaptation.transport.planned import Coupling, PlannedTransport
from headstart.adaptation.transport.simplex import exact_plan
from headstart.arrays import Matrix, Vector
from headstart.errors import DataError


class PartialTransport(PlannedTransport):
    """For a target that lacks some of the source's classes, or holds rows that belong to none. Needs POT.

    share  of the mass that travels, in (0, 1]; at 1 it is `exact_transport`. Source rows that stay at home do not enter
           the head
    """

    name: ClassVar[str] = "partial_transport"
    assumes: ClassVar[str] = "features move, and part of the source has no counterpart in the target"

    def __init__(
        self, *, share: float = 0.8, tolerance: float = 1e-6, max_iter: int = 1_000_000, head: Any = None
    ) -> None:
        self.share = share
        self.tolerance = tolerance
        self.max_iter = max_iter
        self.head = head

    def _couple(self, cost: Matrix, a: Vector, b: Vector) -> Coupling:
        if not 0 < self.share <= 1:
            raise DataError(f"share of the mass that travels lies in (0, 1], got {self.share}")
        if self.share == 1:
            return exact_plan(cost, a, b, max_iter=self.max_iter)
        rest = 1 - self.share
        extended = np.zeros((len(a) + 1, len(b) + 1))  # a dummy row and column take what does not travel, at no cost
        extended[:-1, :-1] = cost
        extended[-1, -1] = 10 * float(cost.max()) + 1
        found = exact_plan(extended, np.append(a, rest), np.append(b, rest), max_iter=self.max_iter)
        return Coupling(found.plan[:-1, :-1], found.gap)
