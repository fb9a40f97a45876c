"""One eigendecomposition, shared by every closed-form statistic of a feature matrix (ridge path, leave-one-out, LDA).

Leave-one-out residuals come from R = (M Y) / diag(M) with M = Σ v v' / (w + ridge), the constant direction removed
(Allen's PRESS, Technometrics 1974, in the form that stays true where the fit interpolates: the textbook
(Y - HY) / (1 - h) divides zero by zero there and, once clipped, reports that everything is right).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse

from headstart.arrays import Matrix, Vector, same_length
from headstart.errors import DataError
from headstart.stats.sparse_products import column_products, row_products

MOST_BYTES = 8 << 30
BLOCK = 4096
PLENTY = 4


@dataclass(frozen=True, eq=False)
class Spectrum:
    """The singular value decomposition A = V √w E' of the weighted, centred rows A = √s (X - mean).

    values        (r,) eigenvalues w of A'A, equally of AA', smallest first, none negative
    vectors       (n, r) left singular vectors V of the rows at hand, each orthogonal to the constant √s; float32 where
                  the rows are and outnumber the columns four to one
    mean          (d,) weighted mean of the columns
    root_weights  (n,) square roots √s of the row weights
    total         sum of the weights of all rows the values stand for (more than the rows at hand where those are
                  a sample)
    complete      the vectors span all that is orthogonal to the constant (the Gram side); otherwise the rest has w = 0
    rows          the matrix the spectrum was taken of (n, d), dense or CSR
    directions    (d, r) right singular vectors E; None on the Gram side, where `lift` goes through the rows
    """

    values: Vector
    vectors: Matrix
    mean: Vector
    root_weights: Vector
    total: float
    complete: bool
    rows: Any
    directions: Matrix | None

    @classmethod
    def of(cls, X: Any, weights: Vector | None = None) -> Spectrum:
        """Decompose a matrix (n, d), dense or sparse, on its smaller side; O(n d min(n, d)).

        `weights` (n,) are positive; None weighs every row 1. Raises `DataError` for weights that are not positive, and
        where the decomposition would need more memory than 8 GiB.
        """
        n, d = X.shape
        X = X.tocsr() if sparse.issparse(X) else np.asarray(X)
        root = _root_weights(weights, n)
        check_memory(n, d)
        mean = np.asarray((root**2) @ X).ravel() / (root**2).sum()
        if n - 1 <= d:
            values, vectors = _gram_side(X, mean, root)
            return cls(values, vectors, mean, root, float((root**2).sum()), True, X, None)
        return cls.of_scatter(_scatter(X, mean, root), mean, float((root**2).sum()), X, root**2)

    @classmethod
    def of_scatter(cls, scatter: Matrix, mean: Vector, total: float, X: Any, weights: Vector | None = None) -> Spectrum:
        """From the scatter matrix (d, d) and mean (d,) of rows with total weight `total`, some of which are `X`."""
        root = _root_weights(weights, X.shape[0])
        values, directions = linalg.eigh(scatter, driver="evd", check_finite=False)
        kept = values > max(values[-1], 0.0) * len(values) * np.finfo(float).eps
        values, directions = values[kept], np.ascontiguousarray(directions[:, kept])
        vectors = _left_vectors(X, mean, root, directions / np.sqrt(values))
        return cls(values, vectors, mean, root, total, False, X, directions)

    @property
    def positive(self) -> slice:
        """The eigenvalues that are not rounding noise around zero."""
        if not self.values.size:
            return slice(0, 0)
        # beside the largest eigenvalue and beside what centring equal rows far from zero leaves behind
        noise = np.finfo(float).eps * max(self.vectors.shape[0], len(self.mean))
        floor = noise * max(float(self.values[-1]), noise * self.total * float(self.mean @ self.mean))
        return slice(int(np.searchsorted(self.values, floor, side="right")), None)

    @property
    def scale(self) -> float:
        """The mean positive eigenvalue, 1 where all rows are equal: ridges are sensibly counted in multiples of it."""
        values = self.values[self.positive]
        return float(values.mean()) if values.size else 1.0

    @property
    def coordinates(self) -> Matrix:
        """The centred rows in the basis of the positive eigenvalues (n, r): same distances and angles."""
        kept = self.positive
        return self.vectors[:, kept] * np.sqrt(self.values[kept]) / self.root_weights[:, None]

    def project(self, Y: Matrix) -> Matrix:
        """V' √s Y (r, k): what of each target lies along each eigenvector."""
        weighted = self.root_weights[:, None] * Y
        if self.directions is None:
            return self.vectors.T @ weighted
        weighted *= self.root_weights[:, None]
        cross = -np.outer(self.mean, weighted.sum(axis=0))
        for start in range(0, len(weighted), BLOCK):  # a block at a time: rows in single precision are widened first
            cross += np.asarray(self.rows[start : start + BLOCK].T @ weighted[start : start + BLOCK])
        return (self.directions.T @ cross) / np.sqrt(self.values)[:, None]

    def lift(self, theta: Matrix) -> Matrix:
        """Weights for the coordinates (r, k) as weights for the columns (d, k): E theta."""
        kept = self.positive
        if self.directions is not None:
            return self.directions[:, kept] @ theta
        dual = self.root_weights[:, None] * (self.vectors[:, kept] @ (theta / np.sqrt(self.values[kept])[:, None]))
        lifted = np.asarray(self.rows.T @ dual)
        return lifted - np.outer(self.mean, dual.sum(axis=0))

    def coefficients(self, projected: Matrix, ridge: float) -> Matrix:
        """The ridge solution (A'A + ridge)^-1 A'Y (d, k), from `project(Y)`."""
        kept = self.positive
        values = self.values[kept, None]
        return self.lift(np.sqrt(values) / (values + ridge) * projected[kept])

    def remaining(self, ridges: Vector, rows: slice = slice(None)) -> Matrix:
        """diag(ridge M) per row and ridge (rows, L): the share 1 - h of a row that the fit leaves to it, in (0, 1]."""
        damped = np.asarray(ridges)[None, :] / (self.values[:, None] + np.asarray(ridges)[None, :])
        shares = self.vectors[rows] ** 2 @ (damped if self.complete else 1 - damped).astype(self.vectors.dtype)
        if self.complete:
            return shares
        return (1 - self.root_weights[rows] ** 2 / self.total)[:, None] - shares

    def centred(self, Y: Matrix, average: Vector | None = None) -> Matrix:
        """√s (Y - average) (n, k): what of the targets a free intercept leaves; their own average unless given."""
        centred = self.root_weights[:, None] * (Y - (self.average(Y) if average is None else average))
        return centred.astype(self.vectors.dtype, copy=False)

    def mixtures(self, projected: Matrix, ridges: Vector) -> NDArray[np.floating[Any]]:
        """How eigenvectors mix into `unexplained`, for `project(Y)` and every ridge; (r, L, k)."""
        damped = np.asarray(ridges)[None, :] / (self.values[:, None] + np.asarray(ridges)[None, :])
        mixtures = (damped if self.complete else 1 - damped)[:, :, None] * projected[:, None, :]
        return mixtures.astype(self.vectors.dtype, copy=False)

    def unexplained(
        self, centred: Matrix, mixtures: NDArray[np.floating[Any]], rows: slice = slice(None)
    ) -> NDArray[np.floating[Any]]:
        """ridge M √s Y (rows, L, k): weighted residuals of the ridge fits, from `centred` targets (n, k)."""
        r, steps, k = mixtures.shape
        mixed: NDArray[np.floating[Any]] = (self.vectors[rows] @ mixtures.reshape(r, steps * k)).reshape(-1, steps, k)
        return mixed if self.complete else np.subtract(centred[rows, None, :], mixed, out=mixed)

    def average(self, Y: Matrix) -> Vector:
        """Weighted mean of the targets at hand (k,)."""
        return (self.root_weights**2) @ Y / (self.root_weights**2).sum()

    def left_out(
        self, unexplained: NDArray[np.floating[Any]], remaining: Matrix, rows: slice = slice(None)
    ) -> NDArray[np.floating[Any]]:
        """Leave-one-out residuals (rows, L, k) from `unexplained`, which is used up, and `remaining` (rows, L)."""
        shares = np.where(remaining > 0, remaining, 1.0) * self.root_weights[rows, None]
        unexplained /= shares.astype(unexplained.dtype, copy=False)[:, :, None]
        return unexplained

    def loo_residuals(self, Y: Matrix, ridge: float) -> Matrix:
        """Y minus the prediction of the ridge regression (free intercept) fitted without that row, exactly; (n, k).

        A row that is alone has nothing to be predicted from: its residual is 0.
        """
        ridges = np.array([ridge])
        unexplained = self.unexplained(self.centred(Y), self.mixtures(self.project(Y), ridges))
        return self.left_out(unexplained, self.remaining(ridges))[:, 0]


def check_memory(n: int, d: int) -> None:
    """Raise `DataError` where decomposing (n, d) on its smaller side would need more than 8 GiB."""
    side = min(n, d)
    needed = 8 * (3 * side * side + n * side)
    if needed > MOST_BYTES:
        raise DataError(
            f"a spectrum of {n} x {d} needs about {needed / 2**30:.0f} GiB of memory (limit {MOST_BYTES >> 30} GiB); "
            "take fewer rows or columns, or a head that decomposes nothing (prototype, logistic, svm)"
        )


def _root_weights(weights: Vector | None, n: int) -> Vector:
    if weights is None:
        return np.ones(n)
    same_length(range(n), weights, names=("X", "weights"))
    weights = np.asarray(weights, dtype=np.float64)
    if not (np.isfinite(weights) & (weights > 0)).all():
        raise DataError(f"weights must be positive and finite, the smallest is {weights.min()}; drop rows of weight 0")
    return np.sqrt(weights)


def _scatter(X: Any, mean: Vector, root: Vector) -> Matrix:
    if sparse.issparse(X):
        return column_products(sparse.diags(root) @ X) - (root**2).sum() * np.outer(mean, mean)
    total = np.zeros((X.shape[1], X.shape[1]))
    for start in range(0, len(X), BLOCK):  # float64 of a block at a time: the rows may be float32 and many
        block = (X[start : start + BLOCK] - mean) * root[start : start + BLOCK, None]
        total += block.T @ block
    return total


def _gram_side(X: Any, mean: Vector, root: Vector) -> tuple[Vector, Matrix]:
    """Eigenpairs of AA' without its constant direction: a Householder reflection turns √s into the first axis, whose
    row and column are then dropped, so that the zero eigenvalue of the constant never mixes with other zeros."""
    gram = _gram(X, mean, root)
    mirror = root / np.linalg.norm(root)
    mirror[0] += 1.0
    factor = 2.0 / (mirror @ mirror)
    image = factor * (gram @ mirror)
    image -= 0.5 * factor * (image @ mirror) * mirror
    gram -= np.outer(image, mirror)
    gram -= np.outer(mirror, image)
    if len(gram) == 1:
        return np.zeros(0), np.zeros((1, 0))
    values, inner = linalg.eigh(gram[1:, 1:], driver="evd", check_finite=False)
    vectors = np.vstack([np.zeros((1, len(values))), inner])
    vectors -= np.outer(factor * mirror, mirror[1:] @ inner)
    return values.clip(min=0.0), vectors


def _gram(X: Any, mean: Vector, root: Vector) -> Matrix:
    if not sparse.issparse(X):
        centred = (X - mean) * root[:, None]
        return centred @ centred.T
    product = row_products(X)
    with_mean = np.asarray(X @ mean).ravel()
    product -= with_mean[:, None]
    product -= with_mean[None, :]
    product += mean @ mean
    return product * root[:, None] * root[None, :]


def _left_vectors(X: Any, mean: Vector, root: Vector, scaled: Matrix) -> Matrix:
    """√s (X - mean) E / √w (n, r), without filling an X that is sparse.

    Features that came in single precision, many to each column, are judged in single precision: leave-one-out is then
    right to about six digits at twice the speed. Nothing that is solved for rests on these vectors.
    """
    if sparse.issparse(X):
        return root[:, None] * (np.asarray(X @ scaled) - mean @ scaled)
    dtype = np.float32 if X.dtype == np.float32 and len(X) >= PLENTY * X.shape[1] else np.float64
    vectors, scaled = np.empty((len(X), scaled.shape[1]), dtype), scaled.astype(dtype)
    for start in range(0, len(X), BLOCK):
        rows = slice(start, start + BLOCK)
        vectors[rows] = ((X[rows] - mean) * root[rows, None]).astype(dtype) @ scaled
    return vectors
