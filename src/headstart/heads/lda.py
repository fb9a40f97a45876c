"""Shrinkage LDA (Friedman, JASA 1989), its shrinkage chosen by exact leave-one-out (formulas: `discriminant`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from scipy.special import log_softmax

from headstart.arrays import Matrix, Vector
from headstart.errors import DataError
from headstart.heads.discriminant import Discriminant
from headstart.heads.head import MergeableHead, calibrated
from headstart.heads.ridge_path import RidgeProblem, best_step
from headstart.heads.spectral import too_wide
from headstart.heads.statistics import ClassWeight, Keeps, Statistics
from headstart.stats.calibration import tempered_log_loss

SHRINKAGES = (0.0001, 0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 0.99)


class LDA(MergeableHead):
    """Gaussian classes with one shrunken covariance: (1 - shrinkage) S + shrinkage tr(S)/d I, S within classes.

    shrinkage     in (0, 1); None takes the one of highest leave-one-out accuracy (ties: least log loss)
    shrinkages    those to try
    class_weight  None takes the priors from the training rows; "balanced" makes them even, and a mapping multiplies
                  them by label; the leave-one-out accuracy weighs classes likewise

    Learned: coef_ (d, C), intercept_ (C,), shrinkage_, loo_accuracy_, temperature_ (of the leave-one-out scores) and
    path_ = {"shrinkage", "accuracy", "log_loss"}, each (L,). A class of one row has no leave-one-out score: the row
    counts as wrong. Beyond 20,000 rows leave-one-out is judged on a sample of 20,000; the fit uses all.
    """

    name: ClassVar[str] = "lda"
    cost: ClassVar[int] = 3

    def __init__(
        self,
        *,
        shrinkage: float | None = None,
        shrinkages: Sequence[float] = SHRINKAGES,
        class_weight: ClassWeight = None,
    ) -> None:
        self.shrinkage = shrinkage
        self.shrinkages = shrinkages
        self.class_weight = class_weight

    @property
    def keeps(self) -> Keeps:
        return "scatter"

    def refusal(self, n: int, d: int, n_classes: int, *, sparse: bool) -> str:
        return too_wide(n, d, sparse=sparse)

    def _learn(self, statistics: Statistics) -> None:
        shrinkages = np.array(self.shrinkages if self.shrinkage is None else [self.shrinkage], dtype=np.float64)
        if not ((shrinkages > 0) & (shrinkages < 1)).all():
            raise DataError(f"shrinkage must lie strictly between 0 and 1, got {shrinkages.tolist()}")
        present = statistics.counts > 0
        codes = (present.cumsum() - 1)[statistics.codes]
        factors = statistics.class_factors(self.class_weight)[present]
        even = self.class_weight == "balanced"
        problem = Discriminant(
            RidgeProblem.of_classes(statistics).columns(present),
            codes,
            statistics.counts[present],
            None if even else factors,
        )
        self.path_ = _loo_path(problem, shrinkages, factors)
        chosen = best_step(self.path_["accuracy"], self.path_["log_loss"])
        self.shrinkage_, self.loo_accuracy_ = float(shrinkages[chosen]), float(self.path_["accuracy"][chosen])
        ridge, judged = problem.ridge(self.shrinkage_), problem.judged
        coef, intercept = problem.solution(ridge, shrinkage=self.shrinkage_)
        self.coef_ = np.zeros((coef.shape[0], len(present)))
        self.intercept_ = np.full(len(present), -np.inf)
        self.coef_[:, present], self.intercept_[present] = coef, intercept
        self.temperature_ = calibrated(problem.loo(ridge, shrinkage=self.shrinkage_)[judged], codes[judged])

    def _scores(self, X: Any) -> Matrix:
        return np.asarray(X @ self.coef_) + self.intercept_


def _loo_path(problem: Discriminant, shrinkages: Vector, factors: Vector) -> dict[str, Vector]:
    """Leave-one-out accuracy and log loss (L,) per shrinkage; where no row can be judged, half is as good as any."""
    judged, codes = problem.judged, problem.codes
    weights = problem.problem.spectrum.root_weights**2 * factors[codes]
    accuracy, log_loss = np.zeros(len(shrinkages)), np.abs(shrinkages - 0.5)
    for step, shrinkage in enumerate(shrinkages if judged.any() else ()):
        scores = problem.loo(problem.ridge(shrinkage), shrinkage=shrinkage)
        accuracy[step] = weights @ ((scores.argmax(axis=1) == codes) & judged) / weights.sum()
        log_loss[step] = tempered_log_loss(log_softmax(scores[judged], axis=1), codes[judged], 1.0)
    return {"shrinkage": shrinkages, "accuracy": accuracy, "log_loss": log_loss}
