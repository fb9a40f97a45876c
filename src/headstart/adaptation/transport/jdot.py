"""JDOT: transport of rows together with their labels, the classifier being learned where they arrive (Courty, Flamary,
Habrard & Rakotomamonjy, NeurIPS 2017)."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from headstart.adaptation.adapter import Adapter, Family, aligned_proba
from headstart.adaptation.domains import Domains
from headstart.adaptation.transport.entropic import even_masses, forbid_other_classes
from headstart.adaptation.transport.planned import MOST_PAIRS
from headstart.adaptation.transport.simplex import exact_plan
from headstart.arrays import Labels, Matrix
from headstart.errors import DataError
from headstart.stats.kernels import squared_distances

LEAST = 1e-12  # chance of a label, in its logarithm


class JointTransport(Adapter):
    """In turn: the exact plan for |xs - xt|² + strength · loss(ys, answer at xt), and a head on the target rows, each
    labelled by the source rows that come to it. Needs POT.

    strength  of the labels' part, the log loss (which heads minimise themselves), in units of the mean distance
    rounds    at most; the loop ends when the total cost no longer falls by `tolerance`, relatively

    Learned: costs_ (of each round), gap_ (the last relative fall), converged_, plan_labels_ (nt, C) the labels that
    arrive.
    """

    name: ClassVar[str] = "jdot"
    family: ClassVar[Family] = "feature"
    assumes: ClassVar[str] = "features and labels move together, smoothly"

    def __init__(
        self, *, strength: float = 1.0, rounds: int = 10, tolerance: float = 1e-3, max_iter: int = 1_000_000,
        head: Any = None,
    ) -> None:  # fmt: skip
        self.strength = strength
        self.rounds = rounds
        self.tolerance = tolerance
        self.max_iter = max_iter
        self.head = head

    def _learn(self, domains: Domains) -> None:
        if self.strength < 0 or self.rounds < 1:
            raise DataError(f"strength must not be negative and rounds at least 1, got {self.strength}, {self.rounds}")
        if len(domains.Xs) * len(domains.Xt) > MOST_PAIRS:
            raise DataError(f"jdot holds a plan of {len(domains.Xs):,} x {len(domains.Xt):,} masses; take fewer rows")
        order = np.argsort(domains.ys, kind="stable")
        ys = domains.ys[order]
        runs: Labels = np.flatnonzero(np.diff(ys, prepend=-1))
        far = squared_distances(domains.Xs[order].astype(np.float64), domains.Xt.astype(np.float64))
        largest, mean = float(far.max()) or 1.0, float(far.mean()) or 1.0
        far /= largest
        forbid_other_classes(far, ys, domains.yt)
        far *= largest / mean
        a, b = even_masses(far)
        labels = np.eye(domains.n_classes)[ys]
        cost, start = far, None
        self.costs_: list[float] = []
        for _ in range(self.rounds):
            found = exact_plan(cost, a, b, max_iter=self.max_iter, start=start, groups=runs)
            plan, start = found.plan, found.potentials
            self.plan_labels_: Matrix = plan.T @ labels / b[:, None]
            self.head_ = self._head_on(domains, self.plan_labels_)
            answers = aligned_proba(self.head_, domains.Xt, domains.n_classes)
            cost = np.take(-self.strength * np.log(np.maximum(answers, LEAST)).T, ys, axis=0)
            cost += far
            self.costs_.append(float(plan.multiply(cost).sum()))
            if len(self.costs_) > 1 and self._fall() <= self.tolerance:
                break
        # the objective need not fall for a head of another loss: what stops the loop is kept, and nothing warned of
        self.gap_ = self._fall()
        self.converged_ = self.gap_ <= self.tolerance

    def _fall(self) -> float:
        if len(self.costs_) < 2:
            return float("inf")
        return (self.costs_[-2] - self.costs_[-1]) / max(self.costs_[-2], 1e-300)

    def _head_on(self, domains: Domains, labels: Matrix) -> Any:
        """The head on target rows, each as often as it has labels, weighted by their shares."""
        rows, codes = np.nonzero(labels > 1e-6)
        weights = labels[rows, codes]
        known = domains.known[rows]
        codes = np.where(known, domains.yt[rows], codes)
        head = self._fresh_head()
        return head.fit(domains.Xt[rows], codes, sample_weight=weights)
