"""A domain as its mean and covariance, the latter as directions and variances while rows are few: no d x d matrix."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from headstart.adaptation.domains import dense
from headstart.arrays import Matrix, Vector
from headstart.errors import DataError
from headstart.heads.moments import Moments
from headstart.stats.covariance import principal, principal_axes


@dataclass(frozen=True, eq=False)
class Spread:
    """mean (d,), and the covariance: as a matrix (d, d), or, while rows are fewer than columns, as its principal
    `axes`, which are found when asked for otherwise."""

    mean: Vector
    matrix: Matrix | None = None
    few: tuple[Vector, Matrix] | None = None

    @classmethod
    def of(cls, X: Any, *, method: str = "it") -> Spread:
        """Of rows (n, d), O(n d min(n, d)); sparse rows are spread out."""
        return cls.with_centred(X, method=method)[0]

    @classmethod
    def with_centred(cls, X: Any, *, method: str = "it") -> tuple[Spread, Matrix]:
        """The same, and the rows about their mean (n, d)."""
        X = np.asarray(dense(X, method=method), dtype=np.float64)
        mean = X.mean(axis=0)
        centred = X - mean
        if centred.shape[0] < centred.shape[1]:
            return cls(mean, few=principal(centred, most=len(centred))), centred
        return cls(mean, centred.T @ centred / len(centred)), centred

    @classmethod
    def of_moments(cls, moments: Moments) -> Spread:
        """Of what one pass over any number of rows leaves (`Moments.of`, added up in any order)."""
        if moments.scatter is None:
            raise DataError("these moments hold no scatter; collect them with Moments.of(..., scatter=True)")
        return cls(moments.mean, moments.scatter / moments.total)

    @cached_property
    def axes(self) -> tuple[Vector, Matrix]:
        """Variances (r,), largest first, along orthonormal directions (d, r); nothing varies elsewhere."""
        return principal_axes(np.asarray(self.matrix)) if self.few is None else self.few

    @property
    def variances(self) -> Vector:
        return self.axes[0]

    @property
    def directions(self) -> Matrix:
        return self.axes[1]

    @property
    def average(self) -> float:
        """Variance per column."""
        total = self.variances.sum() if self.matrix is None else np.trace(self.matrix)
        return float(total) / len(self.mean)

    @property
    def column_variances(self) -> Vector:
        """(d,)"""
        if self.matrix is None:
            return np.asarray((self.directions**2) @ self.variances)
        return np.diagonal(self.matrix)

    def within(self, basis: Matrix | None) -> Matrix:
        """The covariance in the coordinates of orthonormal columns (d, r), None for the axes of the space: (r, r)."""
        if basis is None and self.matrix is not None:
            return self.matrix
        inside = self.directions if basis is None else basis.T @ self.directions
        return np.asarray((inside * self.variances) @ inside.T)

    def powered(self, Z: Matrix, exponent: float, ridge: float) -> Matrix:
        """Z (C + ridge I)^exponent, Z (n, d), for the covariance C; ridge > 0."""
        rest = ridge**exponent
        inside = ((self.variances + ridge) ** exponent - rest) * (Z @ self.directions)
        return rest * Z + inside @ self.directions.T
