"""Cosine nearest neighbours, votes weighted by similarity (Wu et al., CVPR 2018), k chosen by leave-one-out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from headstart.arrays import Labels, Matrix
from headstart.errors import DataError
from headstart.heads.head import Head, calibrated
from headstart.heads.ridge_path import best_step
from headstart.heads.statistics import ClassWeight, Statistics
from headstart.heads.unit_rows import unit_rows
from headstart.stats.calibration import tempered_log_loss

SHARPNESS = 0.07
BLOCK = 1024
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
    cost: ClassVar[int] = 6

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
        proba = self._left_out(ks, len(present)) if n > 1 else np.full((len(ks), 1, len(present)), 1 / len(present))
        weights = self.votes_ / self.votes_.sum()
        accuracy = np.array([weights @ (each.argmax(axis=1) == self.codes_) for each in proba])
        log_loss = np.array([tempered_log_loss(each, self.codes_, 1.0) for each in proba])
        chosen = best_step(accuracy, log_loss)
        self.path_ = {"k": np.array(ks), "accuracy": accuracy, "log_loss": log_loss}
        self.k_, self.loo_accuracy_ = int(ks[chosen]), float(accuracy[chosen])
        self.absent_ = ~present
        self.temperature_ = calibrated(np.log(proba[chosen][:, present]), (present.cumsum() - 1)[self.codes_])

    def _left_out(self, ks: Sequence[int], n_classes: int) -> NDArray[np.floating[Any]]:
        """Probabilities (len(ks), n, C) of each training row by the others."""
        blocks = []
        for start, cosines in self._cosines(self.rows_):
            cosines[np.arange(len(cosines)), start + np.arange(len(cosines))] = -np.inf
            order, ranked = _nearest(cosines, max(ks))
            blocks.append(np.stack([self._vote(order[:, :k], ranked[:, :k], n_classes) for k in ks]))
        return np.concatenate(blocks, axis=1)

    def _scores(self, X: Any) -> Matrix:
        n_classes = len(self.classes_)
        blocks = [
            self._vote(*_nearest(cosines, min(self.k_, len(self.codes_))), n_classes) for _, cosines in self._cosines(X)
        ]
        return np.where(self.absent_, -np.inf, np.log(np.concatenate(blocks)))

    def _cosines(self, X: Any) -> Iterator[tuple[int, Matrix]]:
        for start in range(0, X.shape[0], BLOCK):
            product = X[start : start + BLOCK] @ self.rows_.T
            yield start, np.asarray(product.toarray() if sparse.issparse(product) else product, dtype=np.float64)

    def _vote(self, order: Labels, cosines: Matrix, n_classes: int) -> Matrix:
        strength = np.exp((cosines - cosines[:, :1]) / SHARPNESS) * self.votes_[order]
        rows = np.repeat(np.arange(len(order)), order.shape[1]) * n_classes + self.codes_[order].ravel()
        votes = np.bincount(rows, strength.ravel(), len(order) * n_classes).reshape(len(order), n_classes)
        return (votes + 1 / n_classes) / (votes.sum(axis=1, keepdims=True) + 1)


def _nearest(cosines: Matrix, k: int) -> tuple[Labels, Matrix]:
    """The k columns of largest cosine in each row, largest first, and their cosines."""
    k = min(k, cosines.shape[1])
    found = (
        np.argpartition(-cosines, k - 1, axis=1)[:, :k]
        if k < cosines.shape[1]
        else np.tile(np.arange(k), (len(cosines), 1))
    )
    values = np.take_along_axis(cosines, found, axis=1)
    order = np.lexsort((found, -values), axis=1)
    return np.take_along_axis(found, order, axis=1), np.take_along_axis(values, order, axis=1)
