"""Location-scale conditional shift: each class is moved and stretched column by column, and classes come in other
proportions (Zhang, Schölkopf, Muandet & Wang, ICML 2013; here by EM on class moments in place of kernel means)."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from headstart.adaptation.adapter import FeatureAdapter, Step, aligned_proba
from headstart.adaptation.domains import Domains
from headstart.adaptation.label_shift.prior_adapter import log_ratio
from headstart.arrays import Labels, Matrix, Vector
from headstart.errors import DataError
from headstart.stats.label_shift import em_shares, shifted


def moved_classes(
    Xs: Matrix, ys: Labels, Xt: Matrix, belonging: Matrix, *, trust: float, pooled: tuple[Vector, Vector]
) -> Matrix:
    """Source rows (ns, d), those of class c with the mean and the standard deviations of the target rows that belong to
    c by `belonging` (nt, C). Both are shrunk to the `pooled` shift and stretch (d,) of the whole domain, which count as
    `trust` rows."""
    moved = np.empty_like(Xs)
    shift, stretch = pooled
    for code in range(belonging.shape[1]):
        rows = ys == code
        weights = belonging[:, code]
        total = float(weights.sum())
        share = total / (total + trust)
        source_mean, source_spread = Xs[rows].mean(axis=0), Xs[rows].std(axis=0)
        mean = weights @ Xt / max(total, 1e-300)
        spread = np.sqrt((weights @ (Xt - mean) ** 2) / max(total, 1e-300))
        own = np.where(source_spread > 1e-9, spread / np.where(source_spread > 1e-9, source_spread, 1.0), 1.0)
        factor = share * own.clip(0.2, 5.0) + (1 - share) * stretch
        centre = share * mean + (1 - share) * (source_mean + shift)
        moved[rows] = (Xs[rows] - source_mean) * factor + centre
    return moved


class LocationScale(FeatureAdapter):
    """In turn: which class each target row belongs to, by the head and the target's class shares; and the class-wise
    moves that carry the source's rows there, on which the head is fitted anew.

    rounds  of both. trust: rows that the whole domain's move counts for beside a class's own

    Target rows stay as they are. Learned: prior_ (C,) and source_prior_, changes_ (share of answers that each
    round changed), gap_ (the last), converged_.
    """

    name: ClassVar[str] = "location_scale"
    assumes: ClassVar[str] = "conditional shift: each class is moved and stretched in its own way"

    def __init__(self, *, rounds: int = 10, trust: float = 20.0, head: Any = None) -> None:
        self.rounds = rounds
        self.trust = trust
        self.head = head

    def _learn(self, domains: Domains) -> None:
        if self.rounds < 1 or not self.trust > 0:
            raise DataError(f"rounds must be at least 1 and trust positive, got {self.rounds} and {self.trust}")
        Xs, Xt, n_classes = domains.Xs, domains.Xt, domains.n_classes
        self.source_prior_ = np.bincount(domains.ys, minlength=n_classes) / len(domains.ys)
        spreads = [np.maximum(X.std(axis=0), 1e-9 * max(float(np.abs(X).max()), 1e-300)) for X in (Xs, Xt)]
        pooled = Xt.mean(axis=0) - Xs.mean(axis=0), (spreads[1] / spreads[0]).clip(0.2, 5.0)
        Zs = (Xs - Xs.mean(axis=0)) * pooled[1] + Xt.mean(axis=0)
        answers = np.full(len(Xt), -1)
        self.changes_: list[float] = []
        for _ in range(self.rounds):
            self.head_ = self._fitted_head(Zs, domains, Xt)
            proba = aligned_proba(self.head_, Xt, n_classes)
            self.prior_ = em_shares(proba.clip(min=1e-12), self.source_prior_).shares
            belonging = shifted(proba, self.source_prior_, self.prior_)
            belonging[domains.known] = np.eye(n_classes)[domains.yt[domains.known]]
            found = belonging.argmax(axis=1)
            self.changes_.append(float((found != answers).mean()))
            if self.changes_[-1] == 0:
                break
            answers = found
            Zs = moved_classes(Xs, domains.ys, Xt, belonging, trust=self.trust, pooled=pooled)
        self.gap_, self.converged_ = self.changes_[-1], self.changes_[-1] == 0

    def _align(self, domains: Domains) -> tuple[Matrix, Matrix]:
        raise NotImplementedError  # moves and head are learned together

    def _features(self, X: Any) -> Any:
        return X

    def _proba(self, X: Any) -> Matrix:
        return shifted(super()._proba(X), self.source_prior_, self.prior_)

    def _codes(self, X: Any) -> Labels:
        return np.asarray(self._proba(X).argmax(axis=1))

    def steps(self) -> tuple[Step, ...]:
        return ()

    def moved_scores(self) -> tuple[float, Vector]:
        return 1.0, log_ratio(self.prior_, self.source_prior_)
