"""Cosine nearest neighbours, votes weighted by similarity (Wu et al., CVPR 2018), k chosen by leave-one-out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from headstart.arrays import Matrix
from headstart.errors import DataError
from headstart.heads.head import Head, calibrated
from headstart.heads.neighbour_votes import cosines_to, left_out_votes, nearest, vote_shares
from headstart.heads.ridge_path import best_step
from headstart.heads.statistics import ClassWeight, Statistics
from headstart.heads.unit_rows import unit_rows
from headstart.stats.calibration import tempered_log_loss

MOST_ROWS = 20_000


class Neighbours(Head):
    """The k training rows of largest cosine vote with weight exp((cos - largest cos) / 0.07).

    k             None takes the one of highest leave-one-out accuracy among `ks` (ties: least log loss)
    ks            those to try; more than the training rows hold are left out
    class_weight  "balanced" divides each vote by the size of its class, a mapping multiplies it by label

    Probabilities are (votes + 1/C) / (all votes + 1), then one temperature. Learned: rows_ (n, d) of unit length,
    codes_, votes_ (n,), k_, loo_accuracy_, temperature_ and path_ = {"k", "accuracy", "log_loss"}.
    """

    name: ClassVar[str] = "neighbours"
    cost: ClassVar[int] = 7

    def __init__(
        self, *, k: int | None = None, ks: Sequence[int] = (1, 3, 5, 10, 20, 50), class_weight: ClassWeight = None
    ) -> None:
        self.k = k
        self.ks = ks
        self.class_weight = class_weight

    @property
    def preparation(self) -> str:
        return "unit length"

    def prepare(self, X: Any) -> Any:
        return unit_rows(X)

    def refusal(self, n: int, d: int, n_classes: int, *, sparse: bool) -> str:
        return f"compares each row with all {n:,}; skipped beyond {MOST_ROWS:,}" if n > MOST_ROWS else ""

    def _learn(self, statistics: Statistics) -> None:
        self.rows_, self.codes_ = statistics.X, statistics.codes
        self.votes_ = statistics.weights_with(self.class_weight)
        present = statistics.counts > 0
        n = len(self.codes_)
        ks = [self.k] if self.k is not None else sorted({min(k, max(n - 1, 1)) for k in self.ks})
        if min(ks, default=0) < 1:
            raise DataError(f"k must be at least 1, got {ks}")
        alone = np.full((len(ks), 1, len(present)), 1 / len(present))
        proba = left_out_votes(self.rows_, self.codes_, self.votes_, ks, len(present)) if n > 1 else alone
        weights = self.votes_ / self.votes_.sum()
        accuracy = np.array([weights @ (each.argmax(axis=1) == self.codes_) for each in proba])
        log_loss = np.array([tempered_log_loss(each, self.codes_, 1.0) for each in proba])
        chosen = best_step(accuracy, log_loss)
        self.path_ = {"k": np.array(ks), "accuracy": accuracy, "log_loss": log_loss}
        self.k_, self.loo_accuracy_ = int(ks[chosen]), float(accuracy[chosen])
        self.absent_ = ~present
        self.temperature_ = calibrated(np.log(proba[chosen][:, present]), (present.cumsum() - 1)[self.codes_])

    def _scores(self, X: Any) -> Matrix:
        n_classes = len(self.classes_)
        blocks = [
            vote_shares(*nearest(cosines, self.k_), self.codes_, self.votes_, n_classes)
            for _, cosines in cosines_to(self.rows_, X)
        ]
        return np.where(self.absent_, -np.inf, np.log(np.concatenate(blocks)))
