"""Ridge regression (Hoerl & Kennard, 1970) with its penalty chosen by exact leave-one-out: the head for a value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted, validate_data

from headstart.arrays import Matrix
from headstart.heads.ridge_path import STEPS, RidgeProblem, best_step, loo_path, ridges_for
from headstart.heads.statistics import row_weights
from headstart.stats.spectrum import Spectrum


class RidgeRegressor(RegressorMixin, BaseEstimator):
    """Ridge regression of one or several values on features; the penalty of least leave-one-out squared error.

    ridge  the penalty; None chooses among `steps`, multiples of the mean eigenvalue of the centred scatter

    Learned: coef_ (d, k), intercept_ (k,), ridge_ and path_ = {"ridge", "squared_error"}, each (L,); for a 1-d y,
    predictions are 1-d as well.
    """

    def __init__(self, *, ridge: float | None = None, steps: Sequence[float] = STEPS) -> None:
        self.ridge = ridge
        self.steps = steps

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learn from rows X (n, d), dense or CSR, with values y (n,) or (n, k) and weights (n,)."""
        X, y = validate_data(
            self, X, y, accept_sparse="csr", dtype=[np.float64, np.float32], multi_output=True, y_numeric=True
        )
        weights = row_weights(sample_weight, X.shape[0])
        used = weights > 0
        self._flat = np.ndim(y) == 1
        Y = np.asarray(y, dtype=np.float64).reshape(len(y), -1)[used]
        problem = RidgeProblem.of(Spectrum.of(X[used], weights[used]), Y)
        ridges = ridges_for(problem.spectrum, self.ridge, self.steps)
        accuracy, squared_error = loo_path(problem, ridges)
        self.path_ = {"ridge": ridges, "squared_error": squared_error}
        self.ridge_ = float(ridges[best_step(accuracy, squared_error)])
        self.coef_, self.intercept_ = problem.solution(self.ridge_)
        return self

    def predict(self, X: Any) -> Matrix:
        """Predicted values, of the shape that y had."""
        check_is_fitted(self)
        X = validate_data(self, X, accept_sparse="csr", dtype=[np.float64, np.float32], reset=False)
        values = np.asarray(X @ self.coef_) + self.intercept_
        return values[:, 0] if self._flat else values

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.target_tags.multi_output = True
        return tags
