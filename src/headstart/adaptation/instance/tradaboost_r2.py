"""Two-stage TrAdaBoost.R2: boosting for regression that lowers source rows the target contradicts, by as much as
cross-validation on the labelled target rows likes best (Pardoe & Stone, ICML 2010)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.model_selection import KFold
from sklearn.tree import DecisionTreeRegressor
from sklearn.utils.validation import check_is_fitted

from headstart.arrays import Vector, as_matrix, same_length
from headstart.errors import DataError


def relative_errors(predicted: Vector, y: Vector) -> Vector:
    """|predicted - y| over the largest of them (n,), as AdaBoost.R2 asks (Drucker, ICML 1997); 0 where all is right."""
    errors = np.abs(predicted - y)
    largest = float(errors.max())
    return errors / largest if largest > 0 else errors


def lowered(weights: Vector, errors: Vector, n_source: int, *, share: float) -> Vector:
    """Weights (n,) with source row i times β^e_i, β such that the target rows, after the first n_source, hold `share`
    of the whole; e are `relative_errors`. β is found by bisection; as low as 0 where no β is enough."""
    target = float(weights[n_source:].sum())

    def share_at(beta: float) -> float:
        return target / (target + float((weights[:n_source] * beta ** errors[:n_source]).sum()))

    low, high = 0.0, 1.0
    if share_at(1.0) >= share:
        low = 1.0
    else:
        for _ in range(100):
            middle = (low + high) / 2
            low, high = (middle, high) if share_at(middle) >= share else (low, middle)
    moved = weights.copy()
    moved[:n_source] *= low ** errors[:n_source]
    return moved / moved.sum()


@dataclass(frozen=True, eq=False)
class Boosted:
    """AdaBoost.R2 that leaves the source's weights alone: the weighted median of its regressors answers."""

    regressors: tuple[Any, ...]
    votes: Vector

    @classmethod
    def of(cls, regressor: Any, X: Any, y: Vector, weights: Vector, n_source: int, *, rounds: int) -> Boosted:
        fitted: list[Any] = []
        votes: list[float] = []
        for _ in range(rounds):
            model = clone(regressor).fit(X, y, sample_weight=weights * len(y))
            errors = relative_errors(model.predict(X), y)[n_source:]
            on_target = weights[n_source:] / weights[n_source:].sum()
            error = float(on_target @ errors)
            if error >= 0.5:
                if not fitted:
                    fitted, votes = [model], [1.0]
                break
            beta = max(error, 1e-10) / (1 - error)
            fitted.append(model)
            votes.append(float(-np.log(beta)))
            if error == 0:
                break
            moved = weights.copy()
            moved[n_source:] *= beta ** (1 - errors)
            moved[n_source:] *= weights[n_source:].sum() / moved[n_source:].sum()
            weights = moved
        return cls(tuple(fitted), np.array(votes))

    def predict(self, X: Any) -> Vector:
        return weighted_median(np.stack([model.predict(X) for model in self.regressors], axis=1), self.votes)


def weighted_median(values: Any, weights: Vector) -> Vector:
    """Of each row (n,) of values (n, k), weighted alike in all rows (k,).

    >>> weighted_median(np.array([[1.0, 5.0, 9.0]]), np.array([1.0, 1.0, 3.0]))
    array([9.])
    """
    order = np.argsort(values, axis=1)
    summed = weights[order].cumsum(axis=1)
    at = (summed >= weights.sum() / 2).argmax(axis=1)
    rows = np.arange(len(values))
    return np.asarray(values[rows, order[rows, at]])


class TrAdaBoostR2(RegressorMixin, BaseEstimator):
    """regressor  any scikit-learn regressor that takes `sample_weight`; None: a tree of depth 6
    steps      how many shares of weight the target's rows are tried at, from their number's to all
    rounds     of boosting in each. folds: of the labelled target rows, by whose error the step is chosen

    Learned: boosted_ (a `Boosted`), errors_ (steps,) mean absolute errors on held-out target rows, step_.
    """

    def __init__(
        self, *, regressor: Any = None, steps: int = 10, rounds: int = 10, folds: int = 5, seed: int = 0
    ) -> None:
        self.regressor = regressor
        self.steps = steps
        self.rounds = rounds
        self.folds = folds
        self.seed = seed

    def fit(self, Xs: Any, ys: Any, Xt: Any, yt: Any) -> Self:
        """Learn from source rows Xs (ns, d) with values ys (ns,), and target rows Xt (nt, d) whose values yt (nt,) are
        known, NaN elsewhere. Raises `DataError` for fewer than 3 known values, NaN in the source, other widths."""
        Xs, Xt = as_matrix(Xs, name="source"), as_matrix(Xt, name="target")
        ys, yt = (np.asarray(y, dtype=np.float64) for y in (ys, yt))
        same_length(Xs, ys, names=("source", "its values"))
        same_length(Xt, yt, names=("target", "its values"))
        if Xs.shape[1] != Xt.shape[1]:
            raise DataError(f"the feature spaces differ: source has {Xs.shape[1]} columns, target {Xt.shape[1]}")
        if not np.isfinite(ys).all():
            raise DataError(f"{(~np.isfinite(ys)).sum()} source values are missing; drop these rows")
        known = np.isfinite(yt)
        if known.sum() < 3:
            raise DataError(f"tradaboost_r2 needs at least 3 known target values (NaN elsewhere), got {known.sum()}")
        if self.steps < 1 or self.rounds < 1:
            raise DataError(f"steps and rounds must be at least 1, got {self.steps} and {self.rounds}")
        self.n_features_in_ = Xs.shape[1]
        X, y, ns = np.concatenate([Xs, Xt[known]]), np.concatenate([ys, yt[known]]), len(ys)
        schedules = self._weights(X, y, ns)
        self.errors_ = np.array([self._held_out_error(X, y, weights, ns) for weights in schedules])
        self.step_ = int(self.errors_.argmin())
        self.boosted_ = Boosted.of(self._regressor(), X, y, schedules[self.step_], ns, rounds=self.rounds)
        return self

    def predict(self, X: Any) -> NDArray[np.float64]:
        """The value of each target row (n,)."""
        check_is_fitted(self)
        X = as_matrix(X)
        if X.shape[1] != self.n_features_in_:
            raise DataError(f"X has {X.shape[1]} columns, tradaboost_r2 was fitted on {self.n_features_in_}")
        return np.asarray(self.boosted_.predict(X))

    def _regressor(self) -> Any:
        return DecisionTreeRegressor(max_depth=6, random_state=self.seed) if self.regressor is None else self.regressor

    def _weights(self, X: Any, y: Vector, ns: int) -> list[Vector]:
        """The weights (n,) of every step: the target's share grows evenly, the source's rows fade by their errors."""
        weights = np.full(len(y), 1 / len(y))
        first = (len(y) - ns) / len(y)
        found = [weights]
        for step in range(1, self.steps):
            model = clone(self._regressor()).fit(X, y, sample_weight=weights * len(y))
            share = first + step / max(self.steps - 1, 1) * (1 - first) * 0.999
            weights = lowered(weights, relative_errors(model.predict(X), y), ns, share=share)
            found.append(weights)
        return found

    def _held_out_error(self, X: Any, y: Vector, weights: Vector, ns: int) -> float:
        target = np.arange(ns, len(y))
        folds = KFold(min(self.folds, len(target)), shuffle=True, random_state=self.seed)
        errors = []
        for fit, score in folds.split(target):
            rows = np.concatenate([np.arange(ns), target[fit]])
            part = weights[rows] / weights[rows].sum()
            boosted = Boosted.of(self._regressor(), X[rows], y[rows], part, ns, rounds=self.rounds)
            errors.append(np.abs(boosted.predict(X[target[score]]) - y[target[score]]))
        return float(np.concatenate(errors).mean())
