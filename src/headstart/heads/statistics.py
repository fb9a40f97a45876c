"""What a head needs to know of its training rows: all of them while they are few, then their moments and a sample.

Two of these add up to what one look at all rows would give, in any order: weights and means of the classes and the
scatter matrix are sufficient for ridge and LDA, and the rows kept for leave-one-out are those whose content hashes
lowest, which is a uniform sample that does not depend on arrival (bottom-k, Cohen & Kaplan, PODC 2007).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from headstart.arrays import Labels, Matrix, Vector
from headstart.errors import DataError
from headstart.heads.moments import Moments
from headstart.stats.spectrum import Spectrum

CAPACITY = 20_000
Keeps: TypeAlias = Literal["rows", "means", "scatter"]
ClassWeight: TypeAlias = Literal["balanced"] | Mapping[Any, float] | None


@dataclass(frozen=True, eq=False)
class Statistics:
    """Labelled rows, weighted, ready to learn from.

    classes  (C,) sorted labels, some of which may have no row
    X        (m, d) the rows kept, dense or CSR: all n of them, or a sample of 20,000 where there are moments
    codes    (m,) their classes
    weights  (m,) their weights, all positive
    moments  of all rows, None while all are kept
    """

    classes: NDArray[Any]
    X: Any
    codes: Labels
    weights: Vector
    moments: Moments | None = None

    @classmethod
    def of(cls, X: Any, y: Any, sample_weight: Any = None, *, classes: Any = None, keeps: Keeps = "rows") -> Statistics:
        """Take note of rows (n, d) with labels y (n,); rows of weight 0 are as if absent.

        `keeps` says what is needed beyond 20,000 rows: all "rows", or a sample with class "means" or "scatter" (both).
        Raises `DataError` for labels outside `classes`, negative weights, and where a scatter matrix would not fit.
        """
        weights = row_weights(sample_weight, X.shape[0])
        used = weights > 0
        if not used.all():
            X, y, weights = X[used], np.asarray(y)[used], weights[used]
        labels, codes = np.unique(np.asarray(y), return_inverse=True)
        found = cls(labels, X, codes.astype(np.int64), weights)
        if classes is not None:
            found = found._among(np.unique(np.asarray(classes)))
        return found.reduced(keeps)

    def __add__(self, other: Statistics) -> Statistics:
        """As if the rows of both had come at once. Raises `DataError` where their widths differ."""
        if self.X.shape[1] != other.X.shape[1]:
            raise DataError(f"one side has {self.X.shape[1]} features, the other {other.X.shape[1]}; they must match")
        classes = np.union1d(self.classes, other.classes)
        a, b = self._among(classes), other._among(classes)
        moments = None
        if a.moments is not None or b.moments is not None:
            scatter = all(each.moments is None or each.moments.scatter is not None for each in (a, b))
            moments = a._all_moments(scatter=scatter) + b._all_moments(scatter=scatter)
        codes, weights = np.concatenate([a.codes, b.codes]), np.concatenate([a.weights, b.weights])
        both = Statistics(classes, _stacked(a.X, b.X), codes, weights, moments)
        return both._sampled() if moments is not None else both

    def reduced(self, keeps: Keeps) -> Statistics:
        """Beyond 20,000 rows: their moments and a sample in place of the rows, unless `keeps` is "rows"."""
        if keeps == "rows" or self.moments is not None or self.X.shape[0] <= CAPACITY:
            return self
        return self._with_scatter if keeps == "scatter" else self._with_means

    @cached_property
    def _with_scatter(self) -> Statistics:
        return replace(self, moments=self._all_moments(scatter=True))._sampled()

    @cached_property
    def _with_means(self) -> Statistics:
        return replace(self, moments=self._all_moments(scatter=False))._sampled()

    @property
    def counts(self) -> Vector:
        """Total weight of each class (C,)."""
        if self.moments is not None:
            return self.moments.counts
        return np.bincount(self.codes, self.weights, len(self.classes)).astype(np.float64)

    @property
    def one_hot(self) -> Matrix:
        """(m, C) ones at each kept row's class."""
        return np.eye(len(self.classes))[self.codes]

    @cached_property
    def spectrum(self) -> Spectrum:
        """Of the rows as weighted; taken once, however many heads ask."""
        if self.moments is None:
            return Spectrum.of(self.X, self.weights)
        if self.moments.scatter is None:
            raise DataError("these statistics hold class means only; take them with keeps='scatter'")
        return Spectrum.of_scatter(self.moments.scatter, self.moments.mean, self.moments.total, self.X, self.weights)

    def class_factors(self, class_weight: ClassWeight) -> Vector:
        """What multiplies the weight of each class's rows (C,), a class without rows aside.

        "balanced" gives all classes that have rows the same total, and keeps the sum of all; a mapping gives the factor
        by label, 1 for those it leaves out. Raises `DataError` for anything else and for factors that are not positive.
        """
        if class_weight is None:
            return np.ones(len(self.classes))
        counts = self.counts
        if isinstance(class_weight, Mapping):
            factors = np.array([float(class_weight.get(label, 1.0)) for label in self.classes.tolist()])
            if (factors > 0).all():
                return factors
        elif class_weight == "balanced":
            return counts.sum() / ((counts > 0).sum() * np.where(counts > 0, counts, 1.0))
        raise DataError(f"class_weight must be None, 'balanced' or positive factors by label, got {class_weight!r}")

    def weights_with(self, class_weight: ClassWeight) -> Vector:
        """Row weights (m,) times the factor of their class."""
        return self.weights * self.class_factors(class_weight)[self.codes]

    def spectrum_with(self, class_weight: ClassWeight) -> Spectrum:
        """The spectrum with classes weighted. Raises `DataError` where rows were let go, whose weight would change."""
        if class_weight is None:
            return self.spectrum
        if self.moments is not None:
            raise DataError(
                f"class_weight={class_weight!r} needs all rows, these statistics let some go; take keeps='rows'"
            )
        return Spectrum.of(self.X, self.weights_with(class_weight))

    def _among(self, classes: NDArray[Any]) -> Statistics:
        positions = np.searchsorted(classes, self.classes).clip(max=len(classes) - 1)
        if (classes[positions] != self.classes).any():
            strange = self.classes[classes[positions] != self.classes]
            raise DataError(f"y holds {strange.tolist()}, which is not among the classes {classes.tolist()}")
        moments = None if self.moments is None else self.moments.spread(positions, len(classes))
        return replace(self, classes=classes, codes=positions[self.codes], moments=moments)

    def _all_moments(self, *, scatter: bool) -> Moments:
        return self.moments or Moments.of(self.X, self.codes, self.weights, len(self.classes), scatter=scatter)

    def _sampled(self) -> Statistics:
        """The rows of lowest content hash, in its order."""
        if self.X.shape[0] <= CAPACITY:
            return self
        keys = _content_keys(self.X, self.classes[self.codes], self.weights)
        lowest = np.argsort(keys, kind="stable")[:CAPACITY]
        return replace(self, X=self.X[lowest], codes=self.codes[lowest], weights=self.weights[lowest])


def row_weights(sample_weight: Any, n: int) -> Vector:
    """Weights as (n,) floats, ones for None. Raises `DataError` unless they are finite, not negative and not all 0."""
    weights = np.ones(n) if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
    weights = np.full(n, float(weights)) if weights.ndim == 0 else weights
    if weights.shape != (n,):
        raise DataError(f"sample_weight must hold one number for each of {n} rows, got shape {weights.shape}")
    if not np.isfinite(weights).all() or (weights < 0).any():
        raise DataError(f"sample_weight must be finite and not negative, the smallest is {weights.min()}")
    if not weights.any():
        raise DataError("sample_weight is zero in every row: nothing is left to learn from")
    return weights


def _content_keys(X: Any, labels: NDArray[Any], weights: Vector) -> NDArray[np.uint64]:
    def content(row: int) -> bytes:
        if sparse.issparse(X):
            part = slice(X.indptr[row], X.indptr[row + 1])
            values = X.indices[part].astype("<i8").tobytes() + X.data[part].astype("<f8").tobytes()
        else:
            values = X[row].astype("<f8").tobytes()
        return values + str(labels[row]).encode() + weights[row].tobytes()

    digests = [hashlib.blake2b(content(row), digest_size=8).digest() for row in range(X.shape[0])]
    return np.frombuffer(b"".join(digests), dtype="<u8")


def _stacked(first: Any, second: Any) -> Any:
    if sparse.issparse(first) or sparse.issparse(second):
        return sparse.vstack([sparse.csr_matrix(first), sparse.csr_matrix(second)]).tocsr()
    return np.concatenate([first, second])
