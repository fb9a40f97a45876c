"""What methods share that hold a whole plan: each source row moves to the mean of the target rows it is sent to
(Courty et al., TPAMI 2017), others as their nearest fitted row did (Ferradans et al., SIAM J. Imaging Sci. 2014)."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from headstart.adaptation.adapter import FeatureAdapter, Step
from headstart.adaptation.convergence import note_gap
from headstart.adaptation.domains import Domains, as_given
from headstart.adaptation.transport.entropic import even_masses, forbid_other_classes
from headstart.arrays import Mask, Matrix, Vector
from headstart.errors import DataError
from headstart.stats.kernels import squared_distances
from headstart.stats.sinkhorn import Plan

BLOCK = 1024
LEAST_SENT = 1e-6  # of a row's mass
MOST_PAIRS = 100_000_000  # 0.8 GB for the cost, as much for the plan


@dataclass(frozen=True, eq=False)
class Coupling:
    """plan (n, m) of masses, dense or sparse; gap: how far from the optimum, relative to what it costs (NaN where it is
    unknown)."""

    plan: Any
    gap: float

    def times(self, Y: Matrix) -> Matrix:
        """plan @ Y (n, k)."""
        return np.asarray(self.plan @ Y)


class PlannedTransport(FeatureAdapter):
    """Subclasses write `_couple`. Source rows that the plan sends nowhere are left out, others weigh what they send.

    Target rows stay as they are. Learned: gap_, converged_, sent_ (ns,) the share of its mass that each source row
    sends, scale_ (the largest cost).
    """

    precision: ClassVar[type[np.floating[Any]]] = np.float64  # of costs and plan

    tolerance: float

    def transform_source(self, X: Any) -> Any:
        """Source rows (n, d) carried into the target."""
        given, X = X, self._checked(X)
        parts = []
        for start in range(0, len(X), BLOCK):
            block = X[start : start + BLOCK]
            nearest = squared_distances(block, self.anchors_).argmin(axis=1)
            parts.append(block + self.moves_[nearest])
        return as_given(np.concatenate(parts), given)

    def _learn(self, domains: Domains) -> None:
        n, m = len(domains.Xs), len(domains.Xt)
        if n * m > MOST_PAIRS:
            raise DataError(
                f"{self.name} holds a plan of {n:,} x {m:,} masses ({8 * n * m / 2**30:.1f} GiB); take fewer rows of "
                "either side, or 'transport', which needs a fifth of the memory and time"
            )
        Zs, Zt = self._align(domains)
        sent = self._sending()
        kept = Domains(Zs[sent], domains.ys[sent], domains.Xt, domains.yt, domains.classes)
        self.head_ = self._fitted_head(kept.Xs, kept, Zt, self.sent_[sent] / self.sent_[sent].mean())

    def _align(self, domains: Domains) -> tuple[Matrix, Matrix]:
        centre = domains.Xt.mean(axis=0)
        cost = squared_distances(*((X - centre).astype(self.precision) for X in (domains.Xs, domains.Xt)))
        self.scale_ = float(cost.max()) or 1.0
        cost *= self.precision(1 / self.scale_)
        forbid_other_classes(cost, domains.ys, domains.yt)
        found = self._couple(cost, *even_masses(cost))
        note_gap(self, found.gap, self.tolerance, meaning="what the plan costs too much, relatively,")
        lifted = np.ones((len(domains.Xt), domains.Xt.shape[1] + 1), dtype=self.precision)
        lifted[:, 1:] = domains.Xt - centre
        sums = found.times(lifted)
        masses = sums[:, 0].astype(np.float64)
        if not masses.max() > 0:
            raise DataError(f"{self.name}: nothing is sent at all; take a larger share, or a stricter penalty")
        self.sent_: Vector = masses * len(masses)
        sends = self._sending()
        landed = (sums[sends, 1:] / masses[sends, None] + centre).astype(domains.Xs.dtype, copy=False)
        self.anchors_ = domains.Xs[sends]
        self.moves_ = landed - self.anchors_
        if len(landed) == len(domains.Xs):
            return landed, domains.Xt
        Zs = domains.Xs.copy()
        Zs[sends] = landed
        return Zs, domains.Xt

    def _sending(self) -> Mask | slice:
        """The source rows that send anything: a slice where all do, which copies none of them."""
        sends = self.sent_ > LEAST_SENT
        return slice(None) if sends.all() else sends

    @abstractmethod
    def _couple(self, cost: Matrix, a: Vector, b: Vector) -> Coupling | Plan:
        """The plan for costs (n, m), largest 1, from masses a (n,) to b (m,), both of sum 1."""

    def _features(self, X: Any) -> Any:
        return X

    def steps(self) -> tuple[Step, ...]:
        return ()
