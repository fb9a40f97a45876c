"""Any adaptation method where scikit-learn expects `fit(X, y)`: the domain of each row comes as `sample_domain`."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, clone

from headstart.adaptation.domains import unknown
from headstart.arrays import Mask, same_length
from headstart.errors import DataError


class WithDomains(ClassifierMixin, BaseEstimator):
    """For `Pipeline` and grid search, with scikit-learn's metadata routing switched on by the caller.

    adapter  an unfitted method; its parameters are `adapter__ridge` and so on

    `sample_domain` (n,) is positive for source rows and negative for target rows; a method for several sources tells
    them apart by their numbers; target rows of unknown label carry
    -1, None, NaN or "" in y. Predictions are for target rows.
    """

    __metadata_request__fit: ClassVar[dict[str, bool]] = {"sample_domain": True}
    __metadata_request__score: ClassVar[dict[str, bool]] = {"sample_domain": True}

    def __init__(self, adapter: Any) -> None:
        self.adapter = adapter

    def fit(self, X: Any, y: Any, sample_domain: Any = None) -> Self:
        """Rows of both domains in any order. Raises `DataError` where `sample_domain` names no source or no target."""
        y, source = np.asarray(y), source_rows(sample_domain, X.shape[0])
        if source.all() or not source.any():
            raise DataError(f"sample_domain names {source.sum()} source rows of {len(source)}; both sides need some")
        several = {"source_of": np.asarray(sample_domain)[source]} if self.adapter.many_sources else {}
        self.adapter_ = clone(self.adapter).fit(X[source], y[source], X[~source], y[~source], **several)
        self.classes_ = self.adapter_.classes_
        self.n_features_in_ = X.shape[1]
        return self

    def predict(self, X: Any) -> NDArray[Any]:
        return np.asarray(self.adapter_.predict(X))

    def predict_proba(self, X: Any) -> NDArray[Any]:
        return np.asarray(self.adapter_.predict_proba(X))

    def score(self, X: Any, y: Any, sample_weight: Any = None, sample_domain: Any = None) -> float:
        """Accuracy on the target rows whose label is known; on the source's where there are none, or no domains."""
        y = np.asarray(y)
        judged = ~unknown(y)
        if sample_domain is not None:
            target = ~source_rows(sample_domain, len(y)) & judged
            judged = target if target.any() else judged
        weights = None if sample_weight is None else np.asarray(sample_weight)[judged]
        return float(np.average(self.predict(X[judged]) == y[judged].astype(self.classes_.dtype), weights=weights))


def source_rows(sample_domain: Any, n: int) -> Mask:
    """Which rows are the source's (n,). Raises `DataError` for missing, other in number, or zero entries."""
    if sample_domain is None:
        raise DataError("sample_domain is missing: positive for source rows, negative for target rows")
    domain = np.asarray(sample_domain)
    same_length(range(n), domain, names=("X", "sample_domain"))
    if not (domain != 0).all():
        raise DataError("sample_domain holds 0; it is positive for source rows and negative for target rows")
    return np.asarray(domain > 0)
