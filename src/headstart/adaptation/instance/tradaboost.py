"""TrAdaBoost: boosting that lowers the weight of source rows the target contradicts (Dai et al., ICML 2007).

For more than two classes the votes carry SAMME's log(C - 1) (Zhu et al., Statistics and Its Interface 2009), and source
weights are multiplied by 2(1 - error) so that they do not vanish while all goes well (Al-Stouhi & Reddy, ECML 2011).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from headstart.adaptation.adapter import Adapter, Family, stacked
from headstart.adaptation.domains import Domains
from headstart.arrays import Labels, Mask, Matrix, Vector
from headstart.errors import DataError

WORTHLESS = 1e-3  # rows below this share of the mean weight are left out of a round: they only cost time


@dataclass(frozen=True)
class Round:
    """The weights after one round, its weighted error on the target, and its vote (0: no better than chance)."""

    weights: Vector
    error: float
    vote: float


def weighted_error(weights: Vector, wrong: Mask, is_target: Mask) -> float:
    """Of the labelled target rows alone, kept away from 0 and 1 so that its odds stay finite."""
    error = float(weights[is_target] @ wrong[is_target] / weights[is_target].sum())
    return min(max(error, 1e-6), 1 - 1e-6)


def boosted(weights: Vector, wrong: Mask, is_target: Mask, *, n_classes: int, rounds: int) -> Round:
    """One round of algorithm 1 on weights (n,) that sum to 1: source rows that were wrong lose by the fixed rate
    1/(1 + √(2 ln n / rounds)), target rows that were wrong gain by their odds."""
    error = weighted_error(weights, wrong, is_target)
    chance = 1 - 1 / n_classes
    vote = max(0.0, np.log((1 - error) / error) + np.log(n_classes - 1))
    rate = 1 / (1 + np.sqrt(2 * np.log(max(int((~is_target).sum()), 2)) / rounds))
    factors = np.ones(len(weights))
    if error < chance:
        factors[is_target & wrong] = np.exp(vote)
        factors[~is_target] *= 2 * (1 - error) if n_classes == 2 else n_classes * (1 - error)
    factors[~is_target & wrong] *= rate
    moved = weights * factors
    return Round(moved / moved.sum(), error, float(vote))


class TrAdaBoost(Adapter):
    """rounds: heads to fit; the later half of them votes, weighted by how well each did on the labelled target rows.

    Learned: heads_ and votes_ of the later half, weights_ (ns,) of the source rows at the end, of mean 1.
    """

    name: ClassVar[str] = "tradaboost"
    family: ClassVar[Family] = "instance"
    assumes: ClassVar[str] = "concept shift: part of the source agrees with the target labels at hand"
    needs_target_labels: ClassVar[bool] = True
    accepts_sparse: ClassVar[bool] = True

    def __init__(self, *, rounds: int = 10, head: Any = None) -> None:
        self.rounds = rounds
        self.head = head

    def _learn(self, domains: Domains) -> None:
        if self.rounds < 1:
            raise DataError(f"rounds must be at least 1, got {self.rounds}")
        known = domains.known
        X, y = stacked(domains.Xs, domains.Xt[known]), np.concatenate([domains.ys, domains.yt[known]])
        is_target = np.arange(len(y)) >= len(domains.ys)
        weights = self._first_weights(is_target)
        fitted: list[Any] = []
        votes: list[float] = []
        for _ in range(self.rounds):
            head = self._weighted_head(X, y, weights)
            wrong = np.asarray(head.predict(X) != y)
            done = boosted(weights, wrong, is_target, n_classes=domains.n_classes, rounds=self.rounds)
            fitted.append(head)
            votes.append(done.vote)
            weights = done.weights
            if not wrong[is_target].any():
                break
        self._keep_later(fitted, votes, weights[~is_target])

    def _first_weights(self, is_target: Mask) -> Vector:
        """Few target rows decide which source rows are believed: start them on a par."""
        share = max(0.5, is_target.mean())
        return np.where(is_target, share / is_target.sum(), (1 - share) / (~is_target).sum())

    def _keep_later(self, fitted: list[Any], votes: list[float], weights: Vector) -> None:
        later = len(fitted) // 2
        self.heads_, self.votes_ = fitted[later:], np.array(votes[later:])
        if not self.votes_.any():
            self.votes_ = np.ones(len(self.votes_))
        self.weights_ = weights / weights.mean()
        self.head_ = self.heads_[-1]

    def _weighted_head(self, X: Any, y: Labels, weights: Vector) -> Any:
        head = self._fresh_head()
        used = weights > WORTHLESS * weights.mean()
        return head.fit(X[used], y[used], sample_weight=weights[used] / weights[used].mean())

    def _proba(self, X: Any) -> Matrix:
        ballots = np.zeros((X.shape[0], len(self.classes_)))
        for head, vote in zip(self.heads_, self.votes_, strict=True):
            ballots[np.arange(X.shape[0]), np.asarray(head.predict(X))] += vote
        return np.asarray(ballots / ballots.sum(axis=1, keepdims=True))

    def _codes(self, X: Any) -> Labels:
        return np.asarray(self._proba(X).argmax(axis=1))
