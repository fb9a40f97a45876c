"""What logistic regression and the linear SVM share: a path of penalties, judged by the loss on inner folds."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np

from headstart.arrays import Labels, Matrix, Vector
from headstart.errors import DataError
from headstart.heads.design import Design
from headstart.heads.head import Head, calibrated
from headstart.heads.penalised import Rows, held_out_path, inner_folds, minimise
from headstart.heads.statistics import ClassWeight, Statistics
from headstart.heads.unit_rows import unit_rows

MOST_WORK = 400_000_000
STRIDE = 10**0.5  # between penalties beyond those of `steps`
DEARER = 0.5  # of what is forgone, for these


class LinearHead(Head):
    """Linear scores under a smooth loss; subclasses name the loss and hold the parameters.

    Learned: coef_ (d, C), intercept_ (C,), C_, temperature_ (of the held-out scores; 1 where there are none) and
    path_ = {"C", "loss"}, each (L,), as far as the path was walked.
    """

    C: float | None
    normalise: bool
    steps: Sequence[float]
    folds: int
    class_weight: ClassWeight
    seed: int
    tolerance: float
    forgone: float = 0.0
    rows: float = 0.0
    path_: dict[str, Vector]

    @staticmethod
    @abstractmethod
    def loss(scores: Matrix, codes: Labels) -> tuple[Vector, Matrix]:
        """The loss of each row (n,) and its derivative by the scores (n, C)."""

    @property
    def preparation(self) -> str:
        return "unit length" if self.normalise else "none"

    def prepare(self, X: Any) -> Any:
        return unit_rows(X) if self.normalise else X

    def refusal(self, n: int, d: int, n_classes: int, *, sparse: bool) -> str:
        work = 0 if sparse else n * min(n, d) * n_classes
        if n > 20_000 or work > MOST_WORK:
            return f"too slow for a search: {n:,} rows x {d:,} features x {n_classes:,} classes; ask for it by name"
        return ""

    def _learn(self, statistics: Statistics) -> None:
        if self.C is not None and not self.C > 0:
            raise DataError(f"C must be positive, got {self.C}")
        if not 0 <= self.forgone < 1:
            raise DataError(f"forgone is a share of what is known, from 0 to below 1, got {self.forgone}")
        if self.rows < 0:
            raise DataError(f"rows is a number of rows, 0 or more, got {self.rows}")
        if self.folds < 2:
            raise DataError(f"folds must be at least 2, got {self.folds}")
        present = statistics.counts > 0
        n_present = int(present.sum())
        design = Design.of(statistics)
        weights = statistics.weights_with(self.class_weight)
        rows = Rows(design.Z, (present.cumsum() - 1)[statistics.codes], weights / weights.sum())
        usual = [1 / (self.C * design.scale)] if self.C is not None else sorted(self.steps, reverse=True)
        stronger = [] if self.C is not None else beyond(usual[0], self.rows * design.row)
        forgone = [DEARER * self.forgone] * len(stronger) + [self.forgone] * len(usual)
        penalty, start = self._choose(rows, n_present, [*stronger, *usual], forgone)
        self.C_ = 1 / (penalty * design.scale)
        self.path_["C"] = 1 / (self.path_.pop("penalty") * design.scale)
        found = minimise(rows, n_present, self.loss, penalty, start=start, tolerance=self.tolerance)
        coef, intercept = design.original(found[:-1], found[-1])
        self.coef_ = np.zeros((coef.shape[0], len(present)))
        self.intercept_ = np.full(len(present), -np.inf)
        self.coef_[:, present], self.intercept_[present] = coef, intercept

    def _choose(
        self, rows: Rows, n_classes: int, penalties: Sequence[float], forgone: Sequence[float]
    ) -> tuple[float, Matrix]:
        """The penalty that held-out rows speak for and where to start from there; sets path_ and temperature_. Where no
        row can be held out, the middle penalty."""
        single = Rows(rows.Z.astype(np.float32), rows.codes, rows.weights)  # a search needs no more, at half the time
        fold_of = inner_folds(rows.codes, self.folds, np.random.default_rng(self.seed))
        if n_classes < 2 or (fold_of < 0).all():
            penalty, start = penalties[len(penalties) // 2], None
            self.path_ = {"penalty": np.zeros(0), "loss": np.zeros(0)}
            self.temperature_ = 1.0
        else:
            held = held_out_path(single, n_classes, self.loss, penalties, fold_of, forgone=forgone)
            penalty, start = penalties[held.best], held.start
            self.path_ = {"penalty": np.array(penalties[: len(held.losses)]), "loss": held.losses}
            self.temperature_ = calibrated(held.scores[fold_of >= 0], rows.codes[fold_of >= 0])
        return penalty, minimise(single, n_classes, self.loss, penalty, start=start, tolerance=1e-4)

    def _scores(self, X: Any) -> Matrix:
        return np.asarray(X @ self.coef_) + self.intercept_


def beyond(strongest: float, most: float) -> list[float]:
    """Penalties from `most` on down to what is not far above the `strongest`.

    >>> [round(each, 2) for each in beyond(0.3, 3.0)], beyond(0.3, 0.4)
    ([3.0, 0.95], [])
    """
    found = []
    while most > strongest * STRIDE**0.5:
        found.append(most)
        most /= STRIDE
    return found
