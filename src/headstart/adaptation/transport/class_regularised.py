"""Class-regularised transport: a target row takes from one class (Courty et al., ECML 2014; TPAMI 2017, sec. 4)."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from headstart.adaptation.domains import Domains
from headstart.adaptation.transport.entropic import EntropicTransport, even_masses
from headstart.arrays import Labels, Matrix
from headstart.errors import DataError
from headstart.stats.shared_scaling import group_potentials
from headstart.stats.sinkhorn import Plan, sinkhorn

POWER = 0.5
FLOOR = 1e-3
SMALLEST = 1e-37  # mass, of what single precision holds


def class_penalties(sent: Matrix) -> Matrix:
    """p (mass + floor)^(p - 1) of what each class sends to each target row (C, m): the slope of Σ mass^p, p = 1/2,
    which a row that takes from one class alone makes small."""
    return np.asarray(POWER * (sent + FLOOR) ** (POWER - 1))


class ClassTransport(EntropicTransport):
    """strength: of the wish that a target row takes from one class, in multiples of the largest cost.

    rounds: at most; the concave penalty is replaced by its tangent and solved again (majorisation-minimisation), each
    round starting from the potentials of the last, until what classes send moves by less than `tolerance`. The rest as
    in `EntropicTransport`, with 16 bytes for each pair of rows; beyond the rows it was fitted on, `transform_source`
    knows no classes.
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

    def _carried(self, domains: Domains) -> Matrix:
        """With the rows of a class in one run."""
        order = np.argsort(domains.ys, kind="stable")
        sorted_rows = Domains(domains.Xs[order], domains.ys[order], domains.Xt, domains.yt, domains.classes)
        landed = super()._carried(sorted_rows)
        return landed[np.argsort(order)]

    def _plan(self, cost: Matrix, domains: Domains) -> Plan:
        if self.strength < 0 or self.rounds < 1:
            raise DataError(
                f"strength must not be negative and rounds at least 1, got {self.strength} and {self.rounds}"
            )
        a, b = even_masses(cost)
        runs: Labels = np.flatnonzero(np.diff(domains.ys, prepend=-1))
        lengths = np.diff(runs, append=len(a))
        plan = sinkhorn(cost, a, b, reg=self.reg, tolerance=self.tolerance, max_iter=self.max_iter, groups=runs)
        taxed, sent = np.empty_like(cost), plan.summed(runs)
        penalties: Matrix = np.zeros(sent.shape)
        for _ in range(self.rounds - 1):
            before, penalties = penalties, self.strength * class_penalties(sent.astype(np.float64))
            # what classes send in all, and target rows take, is settled before any row is looked at
            logs = np.log(np.maximum(sent, SMALLEST), dtype=np.float64) - (penalties - before) / self.reg
            t, s = group_potentials(logs, lengths / len(a), b, tolerance=self.tolerance / 10)
            f, g = plan.source_potential + self.reg * np.repeat(t, lengths), plan.target_potential + self.reg * s
            for first, length, each in zip(runs, lengths, penalties.astype(cost.dtype), strict=True):
                np.add(cost[first : first + length], each, out=taxed[first : first + length])
            plan = sinkhorn(
                taxed, a, b, reg=self.reg, tolerance=self.tolerance, max_iter=self.max_iter, start=(f, g), groups=runs
            )
            sent, last = plan.summed(runs), sent
            if np.abs(sent - last).sum(dtype=np.float64) <= self.tolerance:
                break
        return plan
