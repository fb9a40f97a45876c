"""Entropic transport: source rows move to the mean of the target rows they are sent to (Courty et al., TPAMI 2017)."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from headstart.adaptation.adapter import FeatureAdapter, Step
from headstart.adaptation.convergence import note_gap
from headstart.adaptation.domains import Domains, as_given
from headstart.arrays import Labels, Matrix, Vector
from headstart.errors import DataError
from headstart.stats.kernels import squared_distances
from headstart.stats.sinkhorn import Plan, sinkhorn

BLOCK = 1024


class EntropicTransport(FeatureAdapter):
    """reg: entropy, as a share of the largest cost; the smaller, the sharper and slower.

    Rows of known label in the target take none of another class. Target rows stay as they are; `transform_source`
    carries source rows over, also new ones (the entropic map of Pooladian & Niles-Weed, 2021, which on the rows it was
    fitted on is the barycentre of the plan). Computes in single precision; memory: 8 bytes for each pair of rows, hence
    `most_rows` of either side: of more, so many are drawn (`seed`; rows of known label stay), and the others are
    carried over by the map that those give.

    Learned: gap_ (mass in the wrong place, of 1), converged_, target_potential_, scale_ (the largest cost), Xt_.
    """

    name: ClassVar[str] = "transport"

    def __init__(
        self, *, reg: float = 0.05, tolerance: float = 1e-3, max_iter: int = 1000, most_rows: int = 20_000,
        seed: int = 0, head: Any = None,
    ) -> None:  # fmt: skip
        self.reg = reg
        self.tolerance = tolerance
        self.max_iter = max_iter
        self.most_rows = most_rows
        self.seed = seed
        self.head = head

    def transform_source(self, X: Any) -> Any:
        """Source rows (n, d) carried into the target."""
        given, X = X, self._checked(X)
        parts = []
        for start in range(0, len(X), BLOCK):
            scores = self.target_potential_ - self._cost(X[start : start + BLOCK]) / self.scale_
            weights = np.exp((scores - scores.max(axis=1, keepdims=True)) / self.reg)
            parts.append(weights @ self.Xt_ / weights.sum(axis=1, keepdims=True))
        return as_given(np.concatenate(parts), given)

    def _align(self, domains: Domains) -> tuple[Matrix, Matrix]:
        if not self.reg > 0 or self.most_rows < 2:
            raise DataError(f"reg must be positive and most_rows at least 2, got {self.reg} and {self.most_rows}")
        if max(len(domains.Xs), len(domains.Xt)) > self.most_rows:
            self._carried(drawn(domains, self.most_rows, seed=self.seed))
            return np.asarray(self.transform_source(domains.Xs), dtype=domains.Xs.dtype), domains.Xt
        return self._carried(domains), domains.Xt

    def _carried(self, domains: Domains) -> Matrix:
        """Solve for these rows; the source's where they land."""
        self.Xt_ = domains.Xt
        self.shift_ = domains.Xt.mean(axis=0)
        cost = self._cost(domains.Xs)
        self.scale_ = float(cost.max()) or 1.0
        cost /= np.float32(self.scale_)
        forbid_other_classes(cost, domains.ys, domains.yt)
        plan = self._plan(cost, domains)
        self.target_potential_ = plan.target_potential
        note_gap(self, plan.gap, self.tolerance, meaning="mass in the wrong place")
        masses = plan.times(np.ones((len(domains.Xt), 1)))
        return np.asarray(plan.times(domains.Xt) / masses, dtype=domains.Xt.dtype)

    def _plan(self, cost: Matrix, domains: Domains) -> Plan:
        return sinkhorn(cost, *even_masses(cost), reg=self.reg, tolerance=self.tolerance, max_iter=self.max_iter)

    def _cost(self, X: Matrix) -> Matrix:
        """Squared distances to the target rows (n, nt), in single precision, about the target's mean."""
        first, second = ((each - self.shift_).astype(np.float32) for each in (X, self.Xt_))
        return squared_distances(first, second)

    def _features(self, X: Any) -> Any:
        return X

    def steps(self) -> tuple[Step, ...]:
        return ()


def drawn(domains: Domains, most: int, *, seed: int) -> Domains:
    """At most so many rows of either side, target rows of known label first."""
    rng = np.random.default_rng(seed)
    source = np.sort(rng.permutation(len(domains.Xs))[:most])
    order = rng.permutation(len(domains.Xt))
    target = np.sort(order[np.argsort(~domains.known[order], kind="stable")][:most])
    return Domains(domains.Xs[source], domains.ys[source], domains.Xt[target], domains.yt[target], domains.classes)


def even_masses(cost: Matrix) -> tuple[Vector, Vector]:
    """Every row weighs the same on its side."""
    n, m = cost.shape
    return np.full(n, 1 / n), np.full(m, 1 / m)


def forbid_other_classes(cost: Matrix, ys: Labels, yt: Labels) -> None:
    """Raise, in place, the cost (largest 1) of sending a row to a target row known to be of another class."""
    known = np.flatnonzero(yt >= 0)
    cost[:, known] += (ys[:, None] != yt[known]).astype(cost.dtype)
