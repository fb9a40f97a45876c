"""The mean of several linear heads' log-probabilities: a logarithmic opinion pool (Genest & Zidek, 1986).

Heads that err in different ways lose less together than on average alone, by as much as they disagree (Heskes, NIPS
1997). With few rows, choosing one of them by its score is a draw of lots, and the mean needs no choice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Self

import numpy as np

from headstart.arrays import Matrix
from headstart.heads.head import Head
from headstart.heads.linear_head import LinearHead
from headstart.heads.logistic import Logistic
from headstart.heads.ridge import Ridge
from headstart.heads.statistics import ClassWeight, Statistics
from headstart.heads.svm import LinearSVM
from headstart.heads.unit_rows import unit_rows


class Average(Head):
    """`Ridge`, `Logistic` on the rows as they are and on rows of length one, and `LinearSVM`, with equal weights.

    Each chooses its own penalty and calibrates its probabilities; the mean of their logarithms is, up to what is common
    to all classes, linear in the row and in the row brought to length one, so that two matrices hold all four.

    C             inverse penalty of the three that have one; None lets each choose
    folds, class_weight, seed, tolerance   as for `Logistic`

    Learned: coef_ and unit_coef_ (d, C), intercept_ (C,), temperature_ = 1.
    """

    name: ClassVar[str] = "average"
    cost: ClassVar[int] = 6

    def __init__(
        self,
        *,
        C: float | None = None,
        folds: int = 3,
        class_weight: ClassWeight = None,
        seed: int = 0,
        tolerance: float = 1e-5,
    ) -> None:
        self.C = C
        self.folds = folds
        self.class_weight = class_weight
        self.seed = seed
        self.tolerance = tolerance

    @property
    def members(self) -> tuple[Ridge | LinearHead, ...]:
        """The heads it is the mean of, unfitted."""
        searching: tuple[LinearHead, ...] = (Logistic(), Logistic(normalise=True), LinearSVM())
        for head in searching:
            head.set_params(**self.get_params())
        return (Ridge(class_weight=self.class_weight), *searching)

    def refusal(self, n: int, d: int, n_classes: int, *, sparse: bool) -> str:
        reasons = {each.name: each.refusal(n, d, n_classes, sparse=sparse) for each in self.members}
        return next((f"{name} is a part of it: {reason}" for name, reason in reasons.items() if reason), "")

    def fit_beside(self, statistics: Statistics, fitted: Iterable[Head]) -> Self:
        """`fit_statistics`, sparing the members that are among heads already fitted on the same rows."""
        self.classes_, self.n_features_in_ = statistics.classes, statistics.X.shape[1]
        self._blend(statistics, {repr(head): head for head in fitted})
        return self

    def _learn(self, statistics: Statistics) -> None:
        self._blend(statistics, {})

    def _blend(self, statistics: Statistics, known: Mapping[str, Head]) -> None:
        prepared = {"none": statistics}
        fitted: list[Any] = []
        for member in self.members:
            if member.preparation not in prepared:
                prepared[member.preparation] = replace(statistics, X=member.prepare(statistics.X))
            fitted.append(known.get(repr(member)) or member.fit_statistics(prepared[member.preparation]))
        self.coef_ = mean_coef([each for each in fitted if each.preparation == "none"], len(fitted))
        self.unit_coef_ = mean_coef([each for each in fitted if each.preparation != "none"], len(fitted))
        self.intercept_ = np.mean([each.intercept_ / each.temperature_ for each in fitted], axis=0)
        self.temperature_ = 1.0

    def _scores(self, X: Any) -> Matrix:
        return np.asarray(X @ self.coef_) + np.asarray(unit_rows(X) @ self.unit_coef_) + self.intercept_


def mean_coef(heads: Sequence[Any], among: int) -> Matrix:
    """The sum of calibrated coefficients (d, C), divided by the number of all heads."""
    return np.asarray(np.sum([each.coef_ / each.temperature_ for each in heads], axis=0) / among)
