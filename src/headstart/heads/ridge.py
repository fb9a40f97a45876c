"""Ridge: regression on the class indicators (Hoerl & Kennard, 1970), its penalty chosen by exact leave-one-out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from headstart.arrays import Matrix
from headstart.heads.head import MergeableHead, calibrated
from headstart.heads.ridge_path import STEPS, RidgeProblem, best_step, loo_path, ridges_for
from headstart.heads.spectral import too_wide
from headstart.heads.statistics import ClassWeight, Keeps, Statistics


class Ridge(MergeableHead):
    """Ridge regression on one-hot targets; the class with the largest score wins.

    ridge         the penalty; None takes the one of highest leave-one-out accuracy (ties: least squared error)
    steps         penalties to try, in multiples of the mean eigenvalue of the centred scatter
    class_weight  "balanced" gives every class the same total weight, in the fit and in the leave-one-out accuracy
                  (weights stay fixed while a row is left out); a mapping gives factors by label; None: all rows alike

    Learned: coef_ (d, C), intercept_ (C,), ridge_, loo_accuracy_, temperature_ (of the leave-one-out scores) and path_,
    the whole curve: {"ridge", "accuracy", "squared_error"}, each (L,). Beyond 20,000 rows leave-one-out is judged on a
    sample of 20,000 (of all where classes are weighted); the fit uses all.

    >>> X, y = np.array([[0.0, 1], [1, 0], [8, 9], [9, 8]]), np.array(["low", "low", "high", "high"])
    >>> Ridge().fit(X, y).predict(np.array([[2.0, 1]]))
    array(['low'], dtype='<U4')
    """

    name: ClassVar[str] = "ridge"
    cost: ClassVar[int] = 2

    def __init__(
        self, *, ridge: float | None = None, steps: Sequence[float] = STEPS, class_weight: ClassWeight = None
    ) -> None:
        self.ridge = ridge
        self.steps = steps
        self.class_weight = class_weight

    @property
    def keeps(self) -> Keeps:
        # class weights change the weight of every earlier row, so that none may be let go
        return "scatter" if self.class_weight is None else "rows"

    def refusal(self, n: int, d: int, n_classes: int, *, sparse: bool) -> str:
        return too_wide(n, d, sparse=sparse)

    def _learn(self, statistics: Statistics) -> None:
        problem = RidgeProblem.of_classes(statistics, self.class_weight)
        ridges = ridges_for(problem.spectrum, self.ridge, self.steps)
        accuracy, squared_error = loo_path(problem, ridges, statistics.codes)
        chosen = best_step(accuracy, squared_error)
        self.path_ = {"ridge": ridges, "accuracy": accuracy, "squared_error": squared_error}
        self.ridge_, self.loo_accuracy_ = float(ridges[chosen]), float(accuracy[chosen])
        self.coef_, self.intercept_ = problem.solution(self.ridge_)
        present = statistics.counts > 0
        self.intercept_[~present] = -np.inf  # announced and never seen: no score, probability 0
        left_out = problem.loo(self.ridge_)[:, present]
        self.temperature_ = calibrated(left_out, (present.cumsum() - 1)[statistics.codes])

    def _scores(self, X: Any) -> Matrix:
        return np.asarray(X @ self.coef_) + self.intercept_
