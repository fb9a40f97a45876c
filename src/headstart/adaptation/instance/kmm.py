"""Kernel mean matching (Huang et al., NeurIPS 2006): weights that bring the source's kernel mean onto the target's.

The quadratic program is solved by FISTA (Beck & Teboulle, 2009) with restarts, in a metric that knows how steep a
kernel matrix is in the even direction, and stops at its duality gap.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from headstart.adaptation.convergence import note_gap
from headstart.adaptation.domains import Domains
from headstart.adaptation.instance.instance_adapter import InstanceAdapter
from headstart.arrays import Matrix, Vector
from headstart.errors import DataError
from headstart.stats.kernels import median_bandwidth, rbf

CHECK = 10  # iterations between looks at the gap
BLOCK = 2048


@dataclass(frozen=True)
class Box:
    """{w: 0 <= w <= bound, low <= Σw <= high}."""

    bound: float
    low: float
    high: float

    def nearest(self, v: Vector, *, stiffness: float = 0.0, total: float = 0.0) -> Vector:
        """argmin over the set of |w - v|² + stiffness (Σw - total)²: clip(v + s, 0, bound) with one shift s for all.

        Without stiffness, the projection of v (n,).
        """
        s = self._shift(v, total, slack=1 / stiffness) if stiffness else 0.0
        found = (v + s).clip(0.0, self.bound)
        reached = float(found.sum())
        if self.low <= reached <= self.high:
            return np.asarray(found)
        edge = self.low if reached < self.low else self.high
        return np.asarray((v + self._shift(v, edge)).clip(0.0, self.bound))

    def _shift(self, v: Vector, total: float, *, slack: float = 0.0) -> float:
        """The root of the increasing, piecewise linear slack s + Σclip(v + s, 0, bound) - total: Newton's steps, kept
        within what is known to surround it."""
        at = float(v.clip(0.0, self.bound).sum())
        reach = abs(total - at) / slack if slack else 0.0
        left, right = (-reach, reach) if slack else (-float(v.max()), self.bound - float(v.min()))
        s = min(max(0.0, left), right)
        for _ in range(100):
            shifted = v + s
            excess = slack * s + float(shifted.clip(0.0, self.bound).sum()) - total
            if abs(excess) <= 1e-12 * max(1.0, total):
                break
            left, right = (left, s) if excess > 0 else (s, right)
            steepness = slack + np.count_nonzero((shifted > 0) & (shifted < self.bound))
            s = s - excess / steepness if steepness else left
            if not left < s < right:
                s = (left + right) / 2
        return s

    def lowest(self, slopes: Vector) -> float:
        """min over the set of slopes' v: a linear program, solved by sorting."""
        order = np.sort(slopes)
        filled = np.minimum(self.bound, np.maximum(0.0, self.low - self.bound * np.arange(len(order))))
        ceiling = np.minimum(self.bound, np.maximum(0.0, self.high - self.bound * np.arange(len(order))))
        return float((order * np.where(order < 0, ceiling, filled)).sum())


@dataclass(frozen=True, eq=False)
class Matched:
    """weights (n,); gap: bound on what the objective could still fall, relative to its size; iterations."""

    weights: Vector
    gap: float
    iterations: int


def match_means(K: Matrix, kappa: Vector, box: Box, *, tolerance: float = 1e-5, max_iter: int = 2000) -> Matched:
    """argmin over w in `box` of w'Kw/2 - kappa'w, for a kernel matrix K (n, n) and kappa (n,).

    Steps are measured by |v|² + stiffness (Σv)², a bound on v'Kv step: the even direction, in which a kernel matrix is
    steeper than in all others by far, no longer sets the pace of these.
    """

    def product(v: Vector) -> Vector:
        return np.asarray(K @ v.astype(K.dtype), dtype=np.float64)

    step, stiffness = _metric(product, len(kappa))
    w = box.nearest(np.ones(len(kappa)))
    Kw = product(w)
    ahead, Kahead, momentum = w, Kw, 1.0
    gap, iteration = np.inf, 0
    for iteration in range(1, max_iter + 1):
        total = float(ahead.sum())
        new = box.nearest(ahead - step * (Kahead - kappa), stiffness=stiffness, total=total)
        Knew = product(new)
        uphill = float((ahead - new) @ (new - w)) + stiffness * (total - new.sum()) * (new.sum() - w.sum())
        if uphill > 0:  # the gradient step works against the momentum: restart it
            momentum = 1.0
        following = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        push = (momentum - 1) / following
        ahead, Kahead = new + push * (new - w), Knew + push * (Knew - Kw)
        w, Kw, momentum = new, Knew, following
        if iteration % CHECK == 0 or iteration == max_iter:
            gap = _relative_gap(w, Kw, kappa, box)
            if gap <= tolerance:
                break
    return Matched(w, gap, iteration)


def _metric(product: Callable[[Vector], Vector], n: int) -> tuple[float, float]:
    """(step, stiffness) with K <= (I + stiffness 11')/step.

    With u the even direction, r what K makes of it beside u, and R the rest of K, whose largest eigenvalue is λ:
    1.1 λ I + c uu' bounds K as soon as 1.1 λ + c - u'Ku >= |r|²/(0.1 λ) (Schur's complement).
    """
    even = np.full(n, n**-0.5)
    image = product(even)
    along = float(even @ image)
    beside = image - along * even

    def rest(v: Vector) -> Vector:
        v = product(v - (even @ v) * even)
        return v - (even @ v) * even

    largest = max(_largest_eigenvalue(rest, n), 1e-9 * along, 1e-300)
    more = max(0.0, along - 1.1 * largest + float(beside @ beside) / (0.1 * largest))
    return 1 / (1.1 * largest), more / (n * 1.1 * largest)


def _relative_gap(w: Vector, Kw: Vector, kappa: Vector, box: Box) -> float:
    slopes = Kw - kappa
    objective = float(w @ Kw) / 2 - float(kappa @ w)
    return max(0.0, float(slopes @ w) - box.lowest(slopes)) / max(abs(objective), 1e-300)


def _largest_eigenvalue(product: Callable[[Vector], Vector], n: int) -> float:
    """By power iteration from a fixed start, to a few parts in a hundred: the bound above leaves room for ten."""
    v: Vector = np.random.default_rng(0).standard_normal(n)
    value = 0.0
    for _ in range(50):
        v = product(v / max(float(np.linalg.norm(v)), 1e-300))
        previous, value = value, float(np.linalg.norm(v))
        if abs(value - previous) <= 2e-3 * value:
            break
    return value


class KernelMeanMatching(InstanceAdapter):
    """bound: the largest weight. slack: how far the mean weight may lie from 1; None takes (√n - 1)/√n.

    bandwidth        of the Gaussian kernel, in multiples of the median distance; wide ones see little but the domains'
                     means, and put nearly all rows aside to match them
    least_effective  share of the source rows that the weights have to be worth

    most_rows        source rows matched at a time. More are dealt into blocks at random, each of which is matched with
                     the whole target on its own (Miao, Farahat & Kamel, ICDM 2015): an approximation, exact within each

    Memory: 4 n² bytes for n rows of a block (20,000: 1.6 GB). Learned: gap_ (the largest of a block), converged_,
    n_iter_, blocks_ (how many), and `InstanceAdapter`'s.
    """

    name: ClassVar[str] = "kmm"

    def __init__(
        self, *, bound: float = 10.0, slack: float | None = None, bandwidth: float = 0.25, least_effective: float = 0.1,
        most_rows: int = 20_000, tolerance: float = 1e-5, max_iter: int = 3000, seed: int = 0, head: Any = None,
    ) -> None:  # fmt: skip
        self.bound = bound
        self.slack = slack
        self.bandwidth = bandwidth
        self.least_effective = least_effective
        self.most_rows = most_rows
        self.tolerance = tolerance
        self.max_iter = max_iter
        self.seed = seed
        self.head = head

    def _ratio(self, domains: Domains) -> Vector:
        if self.bound < 1 or self.most_rows < 2:
            raise DataError(
                f"bound must be at least 1, the mean weight, and most_rows at least 2; got {self.bound} and "
                f"{self.most_rows}"
            )
        Xs, Xt = domains.Xs.astype(np.float32), domains.Xt.astype(np.float32)
        centre = Xt.mean(axis=0)
        Xs, Xt = Xs - centre, Xt - centre  # single precision holds small differences of large values badly
        rng = np.random.default_rng(self.seed)
        self.bandwidth_ = self.bandwidth * median_bandwidth(np.concatenate([Xs, Xt]), rng=rng)
        self.blocks_ = -(-len(Xs) // self.most_rows)
        order = rng.permutation(len(Xs)) if self.blocks_ > 1 else np.arange(len(Xs))
        weights, gaps, self.n_iter_ = np.zeros(len(Xs)), [], 0
        for rows in np.array_split(order, self.blocks_):
            found = self._matched(Xs[rows], Xt)
            weights[rows] = found.weights
            gaps.append(found.gap)
            self.n_iter_ = max(self.n_iter_, found.iterations)
        note_gap(self, max(gaps), self.tolerance, meaning="the relative duality gap")
        return weights

    def _matched(self, Xs: Matrix, Xt: Matrix) -> Matched:
        n = len(Xs)
        kappa = sum_of_kernels(Xs, Xt, self.bandwidth_) * (n / len(Xt))
        slack = (np.sqrt(n) - 1) / np.sqrt(n) if self.slack is None else self.slack
        box = Box(self.bound, n * (1 - slack), n * (1 + slack))
        return match_means(rbf(Xs, Xs, self.bandwidth_), kappa, box, tolerance=self.tolerance, max_iter=self.max_iter)


def sum_of_kernels(X: Matrix, Y: Matrix, bandwidth: float) -> Vector:
    """Σ_j k(x_i, y_j) for each row of X (n,), in blocks."""
    total = np.zeros(len(X))
    for start in range(0, len(Y), BLOCK):
        total += rbf(X, Y[start : start + BLOCK], bandwidth).sum(axis=1, dtype=np.float64)
    return total
