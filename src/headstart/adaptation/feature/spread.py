"""A domain as its mean and covariance, the latter as directions and variances: no d x d matrix while rows are few."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import linalg

from headstart.adaptation.domains import dense
from headstart.arrays import Matrix, Vector
from headstart.errors import DataError
from headstart.heads.moments import Moments
from headstart.stats.covariance import principal


@dataclass(frozen=True, eq=False)
class Spread:
    """mean (d,); variances (r,), largest first, along orthonormal directions (d, r); nothing elsewhere."""

    mean: Vector
    variances: Vector
    directions: Matrix

    @classmethod
    def of(cls, X: Any, *, method: str = "it") -> Spread:
        """Of rows (n, d), O(n d min(n, d)); sparse rows are spread out."""
        X = np.asarray(dense(X, method=method), dtype=np.float64)
        mean = X.mean(axis=0)
        variances, directions = principal(X - mean, most=min(X.shape))
        return cls(mean, variances, directions)

    @classmethod
    def of_moments(cls, moments: Moments) -> Spread:
        """Of what one pass over any number of rows leaves (`Moments.of`, added up in any order)."""
        if moments.scatter is None:
            raise DataError("these moments hold no scatter; collect them with Moments.of(..., scatter=True)")
        values, vectors = linalg.eigh(moments.scatter / moments.total, check_finite=False)
        kept = np.flatnonzero(values > max(float(values[-1]), 1e-300) * len(values) * 1e-12)[::-1]
        return cls(moments.mean, values[kept], vectors[:, kept])

    @property
    def average(self) -> float:
        """Variance per column."""
        return float(self.variances.sum()) / len(self.mean)

    @property
    def column_variances(self) -> Vector:
        """(d,)"""
        return np.asarray((self.directions**2) @ self.variances)

    def powered(self, Z: Matrix, exponent: float, ridge: float) -> Matrix:
        """Z (C + ridge I)^exponent, Z (n, d), for the covariance C; ridge > 0."""
        rest = ridge**exponent
        inside = ((self.variances + ridge) ** exponent - rest) * (Z @ self.directions)
        return rest * Z + inside @ self.directions.T
