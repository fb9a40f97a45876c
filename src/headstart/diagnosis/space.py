"""One small space for both sides: the leading principal components of both together, of standardised columns where
these have units of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.extmath import randomized_svd

from headstart.arrays import Matrix, Rows, Vector
from headstart.diagnosis.side import Side
from headstart.stats.covariance import principal

MOST_COMPONENTS = 256
UNEVEN = 30.0
SMALL = 1500  # an exact decomposition up to this side length, a random projection first beyond it


@dataclass(frozen=True, eq=False)
class Space:
    """Maps rows (n, d) to components (n, p), largest first; one unit is the mean spread of a component.

    variances   (p,) of the pooled components, and their `total` over all directions
    columns     (d, p): what each component is made of, in weighted columns
    """

    mean: Vector
    scale: Vector  # 1/spread of each column, 0 for constant ones
    weights: Vector  # what columns are multiplied with before components are taken
    columns: Matrix
    unit: float
    variances: Vector
    total: float

    def map(self, X: Any) -> NDArray[np.float32]:
        weights = (self.weights[:, None] * self.columns / self.unit).astype(np.float32)
        return self._centred(X).astype(np.float32, copy=False) @ weights

    def standardised(self, X: Any) -> NDArray[np.float32]:
        """Columns of mean 0 and spread 1 over both sides; constant ones are 0."""
        return np.asarray(self._centred(X) * self.scale, dtype=np.float32)

    def _centred(self, X: Any) -> Matrix:
        """In the precision of X: a large offset must go before single precision comes."""
        X = np.asarray(X)
        return X - self.mean.astype(X.dtype if X.dtype.kind == "f" else np.float64)

    def share(self, components: int) -> float:
        """How much of all variance the leading components hold."""
        return float(self.variances[:components].sum() / self.total) if self.total > 0 else 1.0


def some_rows(side: Side, most: int, rng: np.random.Generator) -> Rows:
    """At most `most` row numbers, in order."""
    return np.arange(len(side)) if len(side) <= most else np.sort(rng.choice(len(side), most, replace=False))


def common_space(source: Matrix, target: Matrix, *, named: bool = False, most: int = MOST_COMPONENTS) -> Space:
    """Learned from rows of both sides alike: which side a row is on never enters, so tests stay exact.

    named  the columns are quantities of their own (a table): each counts the same. The columns of an embedding or of
           pixels keep their scale, unless some spread 30 times as far as most
    """
    pooled = np.concatenate([source, target]).astype(np.float64)
    mean, spread = pooled.mean(axis=0), pooled.std(axis=0)
    varied = spread > 1e-9 * np.maximum(np.abs(pooled).max(axis=0), 1e-300)
    scale = np.where(varied, 1 / np.where(varied, spread, 1.0), 0.0)
    uneven = bool(varied.any() and spread[varied].max() > UNEVEN * np.median(spread[varied]))
    weights = scale if named or uneven else varied.astype(np.float64)
    centred = (pooled - mean) * weights
    variances, columns = _components(centred, most)
    unit = float(np.sqrt(variances.mean())) or 1.0
    return Space(mean, scale, weights, columns, unit, variances, float((centred**2).sum()) / len(centred))


def _components(standard: Matrix, most: int) -> tuple[Vector, Matrix]:
    if min(standard.shape) <= SMALL:
        values, columns = principal(standard, most=most)
    else:
        _, singular, rows = randomized_svd(standard, most, n_iter=3, random_state=0)
        values, columns = singular**2 / len(standard), rows.T
    if not len(values):
        return np.ones(1), np.zeros((standard.shape[1], 1))
    return values, columns
