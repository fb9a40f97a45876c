"""Class-regularised transport: a target row takes from one class (Courty et al., ECML 2014; TPAMI 2017, sec. 4)."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from headstart.adaptation.domains import Domains
from headstart.adaptation.transport.entropic import EntropicTransport, even_masses
from headstart.arrays import Labels, Matrix
from headstart.errors import DataError
from headstart.stats.sinkhorn import Plan, sinkhorn

POWER = 0.5
FLOOR = 1e-3


def class_penalties(plan: Plan, members: Matrix) -> Matrix:
    """p (mass + floor)^(p - 1) of each class at each target row (C, m): the slope of Σ mass^p, p = 1/2, which a row
    that takes from one class alone makes small."""
    return np.asarray(POWER * (plan.summed(members) + FLOOR) ** (POWER - 1))


class ClassTransport(EntropicTransport):
    """strength: of the wish that a target row takes from one class, in multiples of the largest cost.

    rounds: the concave penalty is replaced by its tangent and solved again (majorisation-minimisation), each round
    starting from the potentials of the last. The rest as in `EntropicTransport`; beyond the rows it was fitted on,
    `transform_source` knows no classes.
    """

    name: ClassVar[str] = "class_transport"

    def __init__(
        self, *, reg: float = 0.05, strength: float = 0.3, rounds: int = 10, tolerance: float = 1e-3,
        max_iter: int = 1000, most_rows: int = 20_000, seed: int = 0, head: Any = None,
    ) -> None:  # fmt: skip
        self.reg = reg
        self.strength = strength
        self.rounds = rounds
        self.tolerance = tolerance
        self.max_iter = max_iter
        self.most_rows = most_rows
        self.seed = seed
        self.head = head

    def _plan(self, cost: Matrix, domains: Domains) -> Plan:
        if self.strength < 0 or self.rounds < 1:
            raise DataError(
                f"strength must not be negative and rounds at least 1, got {self.strength} and {self.rounds}"
            )
        a, b = even_masses(cost)
        members = one_hot(domains.ys, domains.n_classes, cost.dtype)
        plan = sinkhorn(cost, a, b, reg=self.reg, tolerance=self.tolerance, max_iter=self.max_iter)
        for _ in range(self.rounds - 1):
            penalties = class_penalties(plan, members).astype(cost.dtype)
            plan = sinkhorn(
                cost + self.strength * penalties[domains.ys], a, b, reg=self.reg, tolerance=self.tolerance,
                max_iter=self.max_iter, start=(plan.source_potential, plan.target_potential),
            )  # fmt: skip
        return plan


def one_hot(codes: Labels, n_classes: int, dtype: Any) -> Matrix:
    return np.asarray(np.eye(n_classes)[codes], dtype=dtype)
