"""Weights, means and scatter of labelled rows, exactly additive (Chan, Golub & LeVeque, 1979: nothing cancels)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from headstart.arrays import Labels, Matrix, Vector
from headstart.errors import DataError

MOST_BYTES = 2 << 30
BLOCK = 4096


@dataclass(frozen=True, eq=False)
class Moments:
    """counts (C,) weight of each class; means (C, d) of each class, 0 where it has no row; scatter (d, d) of all rows
    about their common mean, None where nobody needs it."""

    counts: Vector
    means: Matrix
    scatter: Matrix | None

    @classmethod
    def of(cls, X: Any, codes: Labels, weights: Vector, n_classes: int, *, scatter: bool) -> Moments:
        """Of rows (n, d), dense or CSR, in blocks. Raises `DataError` where the scatter would pass 2 GiB."""
        n, d = X.shape
        if scatter and 8 * d * d > MOST_BYTES:
            raise DataError(
                f"the scatter of {d} columns needs {8 * d * d / 2**30:.0f} GiB of memory (limit {MOST_BYTES >> 30}); "
                "take fewer columns, or prototype, logistic or svm"
            )
        counts = np.bincount(codes, weights, n_classes).astype(np.float64)
        members = sparse.csr_matrix((weights, (codes, np.arange(n))), shape=(n_classes, n))
        sums = members @ X
        means = (sums.toarray() if sparse.issparse(sums) else np.asarray(sums)) / counts.clip(min=1e-300)[:, None]
        if not scatter:
            return cls(counts, means, None)
        mean, total = counts @ means / counts.sum(), np.zeros((d, d))
        for start in range(0, n, BLOCK):
            block = X[start : start + BLOCK]
            block = (block.toarray() if sparse.issparse(block) else block) - mean
            total += block.T @ (weights[start : start + BLOCK, None] * block)
        return cls(counts, means, total)

    @property
    def total(self) -> float:
        return float(self.counts.sum())

    @property
    def mean(self) -> Vector:
        return self.counts @ self.means / self.counts.sum()

    @property
    def class_cross(self) -> Matrix:
        """A' √s Y (d, C) for one-hot Y: each class's weight times its mean's distance from the common mean."""
        return (self.counts[:, None] * (self.means - self.mean)).T

    def __add__(self, other: Moments) -> Moments:
        counts: Vector = self.counts + other.counts
        share = (other.counts / counts.clip(min=1e-300))[:, None]
        means = self.means + share * (other.means - self.means)
        scatter = None
        if self.scatter is not None and other.scatter is not None:
            apart = other.mean - self.mean
            scatter = self.scatter + other.scatter
            scatter += self.total * other.total / (self.total + other.total) * np.outer(apart, apart)
        return Moments(counts, means, scatter)

    def spread(self, positions: Labels, n_classes: int) -> Moments:
        """The same with class i at positions[i] of `n_classes`, the others empty."""
        counts, means = np.zeros(n_classes), np.zeros((n_classes, self.means.shape[1]))
        counts[positions], means[positions] = self.counts, self.means
        return Moments(counts, means, self.scatter)
