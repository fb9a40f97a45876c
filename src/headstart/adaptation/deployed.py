"""An adapted classifier as it is shipped: what happens to a target row, and a linear head, as plain arrays."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from headstart.adaptation.adapter import Adapter, Step
from headstart.adaptation.feature.augmentation import copies
from headstart.adaptation.feature.hidden_units import beside, encoded, presence
from headstart.adaptation.feature.msda import Restoration, restored_rows
from headstart.arrays import Labels, Matrix, Vector
from headstart.errors import ModelError
from headstart.heads.unit_rows import unit_rows
from headstart.stats.kernels import rbf, waves

NO_VOTE = 1e-300  # whose logarithm is a number


class AdaptedHead(ClassifierMixin, BaseEstimator):
    """Predicts from features of the target domain; learned elsewhere (`deployed`), saved like any head.

    steps_ (see `walked`), coef_ (k, C), intercept_ (C,), temperature_, classes_ (codes).
    """

    name: ClassVar[str] = "adapted"
    steps_: tuple[Step, ...]
    coef_: Matrix
    intercept_: Vector
    temperature_: float
    classes_: NDArray[Any]
    n_features_in_: int

    def fit(self, X: Any, y: Any) -> AdaptedHead:
        """Refuse: two domains are needed to learn what this holds."""
        raise ModelError(
            "an adapted head does not learn; fit an adapter on source and target, then `deployed(adapter)`"
        )

    def predict_proba(self, X: Any) -> Matrix:
        """Probabilities (n, C), columns in the order of `classes_`."""
        check_is_fitted(self, "coef_")
        scores = np.asarray(walked(self.steps_, X) @ self.coef_) + self.intercept_
        return np.asarray(softmax(scores / self.temperature_, axis=1))

    def predict(self, X: Any) -> NDArray[Any]:
        """The most probable class of each row (n,)."""
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


def deployed(adapter: Adapter) -> AdaptedHead:
    """The fitted adapter as a head for target features, its class labels as they are.

    Raises `ModelError` where its head, or one of those that vote, is not linear.
    """
    inner, classes = adapter, adapter.classes_
    while inner.answerer() is not inner:
        inner = inner.answerer()
        classes = classes[np.asarray(inner.classes_, dtype=np.int64)]
    voters = getattr(inner, "heads_", [inner.head_])
    if not all(hasattr(each, "temperature_") and hasattr(each, "coef_") for each in voters):
        raise ModelError(
            f"{inner.name} with {type(inner.head_).__name__} cannot be saved; take a linear head of headstart's "
            "(logistic, lda, ridge)"
        )
    head = AdaptedHead()
    head.steps_, head.n_features_in_ = inner.steps(), adapter.n_features_in_
    if hasattr(inner, "votes_"):
        ballots = tuple((each.coef_, each.intercept_, np.asarray(each.classes_, dtype=np.int64)) for each in voters)
        head.steps_ = (*head.steps_, ("ballots", ballots, inner.votes_, len(inner.classes_)))
        head.coef_, head.intercept_ = np.eye(len(inner.classes_)), np.zeros(len(inner.classes_))
        head.temperature_, head.classes_ = 1.0, classes
        return head
    temperature, added = inner.moved_scores()
    head.temperature_ = float(inner.head_.temperature_ * temperature)
    head.coef_ = inner.head_.coef_
    head.intercept_ = inner.head_.intercept_ + head.temperature_ * np.asarray(added)
    head.classes_ = classes[np.asarray(inner.head_.classes_, dtype=np.int64)]
    return head


def walked(steps: tuple[Step, ...], X: Any) -> Any:
    """Rows after each step in turn."""
    for word, *what in steps:
        X = _STEPS[word](X, *what)
    return X


def _subtract(X: Any, mean: Vector) -> Matrix:
    return np.asarray((X.toarray() if sparse.issparse(X) else X) - mean)


def _denoise(X: Any, binary: bool, layers: tuple[tuple[Matrix, Vector], ...]) -> Any:
    return restored_rows(presence(X, binary), [Restoration(*layer) for layer in layers])


def _present(X: Any, theta: Matrix) -> Any:
    shared = np.asarray((X > 0).astype(np.float64) @ theta)
    return beside(X, shared)


def _encode(X: Any, binary: bool, weights: Matrix, bias: Vector, scale: float) -> Any:
    return beside(X, scale * encoded(X, binary, weights, bias))


def _ballots(X: Any, voters: tuple[tuple[Matrix, Vector, Labels], ...], votes: Vector, n_classes: int) -> Matrix:
    """Logarithms of each class's share of the votes (n, C): every linear head gives its vote to one class."""
    shares = np.zeros((X.shape[0], n_classes))
    for (coef, intercept, codes), vote in zip(voters, votes, strict=True):
        shares[np.arange(len(shares)), codes[(np.asarray(X @ coef) + intercept).argmax(axis=1)]] += vote
    return np.asarray(np.log((shares / shares.sum(axis=1, keepdims=True)).clip(min=NO_VOTE)))


_STEPS: dict[str, Any] = {
    "subtract": _subtract,
    "times": lambda X, matrix: X @ matrix,
    "columns": lambda X, columns: X[:, columns],
    "scale": lambda X, factors: X * factors,
    "unit": unit_rows,
    "gaussian": rbf,
    "waves": waves,
    "copies": lambda X: copies(X, "target"),
    "denoise": _denoise,
    "present": _present,
    "encode": _encode,
    "ballots": _ballots,
}
