"""Unbalanced transport: masses may be left behind or made, at a price (Chizat et al., Math. of Computation 2018)."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from scipy.special import logsumexp

from headstart.adaptation.transport.planned import PlannedTransport
from headstart.arrays import Matrix, Vector
from headstart.errors import DataError
from headstart.stats.sinkhorn import Plan, scaled_kernel

FARTHEST = 50  # steps that an extrapolation may spare


def unbalanced_plan(
    cost: Matrix, a: Vector, b: Vector, *, reg: float, price: float, tolerance: float, max_iter: int
) -> Plan:
    """min <plan, cost> + reg KL(plan | a b') + price KL(plan 1 | a) + price KL(plan' 1 | b), over all plans.

    Sinkhorn's scaling with the exponent price / (price + reg), in the precision of the cost, scalings being absorbed
    into potentials before they overflow. Between the two potentials the best constant is moved at once, which halves
    the iterations (Séjourné, Vialard & Peyré, AISTATS 2022, prop. 2), and while changes shrink the next iteration
    starts from where the last two point to (`secant`), which halves them again where one direction is slow. gap: the
    last change of the potentials, in units of the largest cost.
    """
    share = price / (price + reg)
    log_a, log_b = np.log(a), np.log(b)
    f: Vector = np.zeros(len(a))
    g: Vector = np.zeros(len(b))
    gap = np.inf
    K, absorbed_f, absorbed_g = scaled_kernel(cost, f, g, reg), f, g
    iterations, last = 0, None
    for _ in range(max_iter):
        iterations += 1
        with np.errstate(divide="ignore"):
            rows = np.log(K @ (b * np.exp((g - absorbed_g) / reg)).astype(K.dtype)) - absorbed_f / reg
            new_f = -share * reg * rows
            columns = np.log((a * np.exp((new_f - absorbed_f) / reg)).astype(K.dtype) @ K) - absorbed_g / reg
            new_g = -share * reg * columns
        if not (np.isfinite(new_f).all() and np.isfinite(new_g).all()):
            new_f = -share * reg * logsumexp((g - cost) / reg + log_b, axis=1)
            new_g = -share * reg * logsumexp((new_f[:, None] - cost) / reg + log_a[:, None], axis=0)
        level = price / 2 * (_log_total(log_a - new_f / price) - _log_total(log_b - new_g / price))
        new_f, new_g = new_f + level, new_g - level
        change, before = new_g - g, gap
        gap = float(max(np.abs(new_f - f).max(), np.abs(change).max()))
        f, g = new_f, new_g
        if gap <= tolerance:
            break
        if last is not None and gap < before and iterations < max_iter:
            g = secant(new_g, change, *last)
        last = new_g, change
        if max(np.abs(f - absorbed_f).max(), np.abs(g - absorbed_g).max()) > 20 * reg:
            K, absorbed_f, absorbed_g = scaled_kernel(cost, f, g, reg), f, g
    u, v = a * np.exp((f - absorbed_f) / reg), b * np.exp((g - absorbed_g) / reg)
    return Plan(K, u.astype(K.dtype), v.astype(K.dtype), f + reg * log_a, g + reg * log_b, gap, iterations)


def secant(point: Vector, change: Vector, point_before: Vector, change_before: Vector) -> Vector:
    """Where an iteration will settle if its last two points, and the changes that led to them, lie on one line
    (Anderson, J. ACM 1965, of depth one)."""
    differ = change - change_before
    steps = float(change @ differ) / max(float(differ @ differ), 1e-300)
    return point - min(max(steps, -FARTHEST), FARTHEST) * (point - point_before)


def _log_total(logs: Vector) -> float:
    """log Σ exp(logs)."""
    top = float(logs.max())
    return top + float(np.log(np.exp(logs - top).sum()))


class UnbalancedTransport(PlannedTransport):
    """For classes in other proportions and rows without a counterpart, when nobody knows how many.

    reg    entropy, as a share of the largest cost
    price  of a unit of mass left behind or made, in units of the largest cost; the larger, the nearer to `transport`
    """

    name: ClassVar[str] = "unbalanced_transport"
    assumes: ClassVar[str] = "features move, and classes come in other proportions"
    precision: ClassVar[type[np.floating[Any]]] = np.float32  # the map differs by less than a thousandth

    def __init__(
        self, *, reg: float = 0.02, price: float = 0.2, tolerance: float = 1e-4, max_iter: int = 2000, head: Any = None
    ) -> None:
        self.reg = reg
        self.price = price
        self.tolerance = tolerance
        self.max_iter = max_iter
        self.head = head

    def _couple(self, cost: Matrix, a: Vector, b: Vector) -> Plan:
        if not (self.reg > 0 and self.price > 0):
            raise DataError(f"reg and price must be positive, got {self.reg} and {self.price}")
        return unbalanced_plan(
            cost, a, b, reg=self.reg, price=self.price, tolerance=self.tolerance, max_iter=self.max_iter
        )
