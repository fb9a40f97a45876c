"""A domain as its mean and covariance, the latter as directions and variances while rows are few: no d x d matrix."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from headstart.adaptation.domains import dense
from headstart.arrays import Matrix, Vector
from headstart.errors import DataError
from headstart.heads.moments import Moments
from headstart.stats.covariance import FEW_OF, principal, principal_axes

BLOCK = 1024  # rows, or as many as there are columns


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
        X = dense(X, method=method)
        mean = X.mean(axis=0, dtype=np.float64)
        if X.shape[0] < X.shape[1]:
            return cls(mean, few=principal(X - mean, most=len(X)))
        scatter = np.zeros((X.shape[1], X.shape[1]))
        for _, block in centred_blocks(X, mean):
            scatter += block.T @ block
        return cls(mean, scatter / len(X))

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

    def leading(self, most: int) -> tuple[Vector, Matrix]:
        """The first of the `axes`, at most so many: those alone where they are few of many."""
        if self.few is None and "axes" not in self.__dict__ and FEW_OF * most <= len(self.mean):
            return principal_axes(np.asarray(self.matrix), most=most)
        return self.variances[:most], self.directions[:, :most]

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
        inside = self._beyond(exponent, ridge) * (Z @ self.directions)
        return ridge**exponent * Z + inside @ self.directions.T

    def power(self, exponent: float, ridge: float) -> Matrix:
        """(C + ridge I)^exponent (d, d): as a root times its transpose, at half the price of any product."""
        beyond = self._beyond(exponent, ridge)  # all of one sign, that of the exponent
        roots = self.directions * np.sqrt(np.abs(beyond))
        found = roots @ roots.T
        found *= np.sign(exponent)
        found.flat[:: len(found) + 1] += ridge**exponent
        return np.asarray(found)

    def _beyond(self, exponent: float, ridge: float) -> Vector:
        """What the power has along the axes (r,) more than elsewhere."""
        return (self.variances + ridge) ** exponent - ridge**exponent


def centred_blocks(X: Matrix, mean: Vector) -> Iterator[tuple[slice, Matrix]]:
    """A few of the rows (n, d) after the other, about the mean (d,) in double precision, in memory that the next few
    take over: a copy of all would cost more in fresh memory than products with it in arithmetic."""
    size = min(max(BLOCK, X.shape[1]), len(X))
    room = np.empty((size, X.shape[1]))
    for start in range(0, len(X), size):
        part = X[start : start + size]
        yield slice(start, start + len(part)), np.subtract(part, mean, out=room[: len(part)])


def mapped_about(X: Matrix, mean: Vector, linear: Callable[[Matrix], Matrix]) -> Matrix:
    """linear(X - mean) (n, k) for rows (n, d)."""
    moved = np.empty((0, 0))
    for rows, block in centred_blocks(X, mean):
        part = linear(block)
        if not rows.start:
            moved = np.empty((len(X), part.shape[1]))
        moved[rows] = part
    return moved
