"""The contract of every head: a scikit-learn classifier on features, with its facts on the class."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax, softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from headstart.arrays import Labels, Matrix
from headstart.errors import DataError
from headstart.heads.statistics import Keeps, Statistics
from headstart.stats.calibration import fit_temperature


class Head(ClassifierMixin, BaseEstimator):
    """A classifier on features: `fit(X, y, sample_weight=None)`, `predict`, `predict_proba`.

    Facts, read by the choice of a head, the docs and the contract tests:

    name           its name in `HEADS`
    family         of transfer methods: features are carried over
    accepts_sparse CSR matrices are taken as they are
    mergeable      `partial_fit` and `merge` exist and are exact in any order
    probabilistic  `predict_proba` is calibrated by a temperature on rows left out
    cost           rank of what it costs to fit, ship and ask: 1 is the cheapest
    """

    name: ClassVar[str]
    family: ClassVar[str] = "feature"
    accepts_sparse: ClassVar[bool] = True
    mergeable: ClassVar[bool] = False
    probabilistic: ClassVar[bool] = True
    cost: ClassVar[int]

    classes_: NDArray[Any]
    temperature_: float

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learn from rows X (n, d), dense or CSR, with labels y (n,) of any kind and weights (n,)."""
        return self.fit_statistics(self._noted(X, y, sample_weight, reset=True))

    def fit_statistics(self, statistics: Statistics) -> Self:
        """Learn from `Statistics` of rows already prepared (`prepare`): several heads may share one."""
        statistics = statistics.reduced(self.keeps)
        self.classes_ = statistics.classes
        self.n_features_in_ = statistics.X.shape[1]
        self._learn(statistics)
        return self

    @property
    def keeps(self) -> Keeps:
        """What it needs of the training rows once they pass 20,000."""
        return "rows"

    @property
    def preparation(self) -> str:
        """What `prepare` does to rows, in words: heads that say the same can share `Statistics`."""
        return "none"

    def prepare(self, X: Any) -> Any:
        """Rows as this head looks at them, each on its own."""
        return X

    def predict(self, X: Any) -> NDArray[Any]:
        """The most probable label of each row (n,)."""
        scores = self._checked_scores(X)
        return self.classes_[scores.argmax(axis=1)]

    def predict_proba(self, X: Any) -> Matrix:
        """Probabilities (n, C), columns in the order of `classes_`."""
        return np.asarray(softmax(self._checked_scores(X) / self.temperature_, axis=1))

    def refusal(self, n: int, d: int, n_classes: int, *, sparse: bool) -> str:
        """Why a search over heads should not ask this one to fit (n, d) rows of so many classes; "" where it should."""
        return ""

    @abstractmethod
    def _learn(self, statistics: Statistics) -> None:
        """Set what is learned from rows with at least one class present."""

    @abstractmethod
    def _scores(self, X: Any) -> Matrix:
        """Scores (n, C) whose softmax at `temperature_` is the probability; -inf for a class without rows."""

    def _checked_scores(self, X: Any) -> Matrix:
        check_is_fitted(self)
        X = validate_data(self, X, accept_sparse="csr", dtype=[np.float64, np.float32], reset=False)
        return self._scores(self.prepare(X))

    def _noted(self, X: Any, y: Any, sample_weight: Any, *, reset: bool, classes: Any = None) -> Statistics:
        X, y = validate_data(self, X, y, accept_sparse="csr", dtype=[np.float64, np.float32], reset=reset)
        check_classification_targets(y)
        return Statistics.of(self.prepare(X), y, sample_weight, classes=classes, keeps=self.keeps)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = self.accepts_sparse
        return tags


class MergeableHead(Head):
    """A head whose sufficient statistics add up: exact in any order and any batching."""

    mergeable: ClassVar[bool] = True
    _statistics: Statistics | None

    def fit_statistics(self, statistics: Statistics) -> Self:
        self._statistics = statistics.reduced(self.keeps)
        return super().fit_statistics(self._statistics)

    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Self:
        """Learn from these rows as well; the result is that of one `fit` on all rows so far, in any order.

        `classes` may name labels that are still to come. Each call solves anew: many small batches are better gathered.
        """
        first = not hasattr(self, "classes_")
        noted = self._noted(X, y, sample_weight, reset=first, classes=classes)
        return self.fit_statistics(noted if first else self._known() + noted)

    def merge(self, other: Self) -> Self:
        """A new head, as if fitted on the rows of both; neither changes. Raises `DataError` for heads set otherwise."""
        if type(other) is not type(self) or repr(other.get_params()) != repr(self.get_params()):
            raise DataError(f"only heads of one kind with equal parameters can be merged, got {self!r} and {other!r}")
        merged = type(self)(**self.get_params())
        return merged.fit_statistics(self._known() + other._known())

    def _known(self) -> Statistics:
        check_is_fitted(self)
        statistics = getattr(self, "_statistics", None)
        if statistics is None:
            raise DataError(
                f"this {self.name} head was loaded without its training statistics and can only predict; refit"
            )
        return statistics


def calibrated(scores: Matrix, codes: Labels) -> float:
    """The temperature for scores (n, C) of rows left out, 1 where there are none.

    Labels are smoothed by one part in n + 1, as Platt (1999) does: few rows, all right, are no proof of certainty.
    """
    if not len(codes) or scores.shape[1] < 2:
        return 1.0
    return fit_temperature(log_softmax(scores, axis=1), codes, smoothing=1 / (len(codes) + 1))
