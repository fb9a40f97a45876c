"""Second moments: standardised and whitened rows, principal subspaces and the angles between them."""

from __future__ import annotations

import numpy as np
from scipy import linalg

from headstart.arrays import Matrix, Vector

FEW_OF = 8  # an eigenvector by itself takes this many times what it takes among all


def standardised(X: Matrix) -> Matrix:
    """Columns of mean 0 and variance 1; constant columns become 0."""
    centred = X - X.mean(axis=0)
    spread = np.sqrt(np.einsum("ij,ij->j", centred, centred) / len(X))
    floor = 1e-6 * max(float(np.abs(X).max()), 1e-30) if X.size else 0.0
    centred *= np.where(spread > floor, 1 / np.maximum(spread, floor or 1.0), 0.0).astype(X.dtype)
    return centred


def whitened(X: Matrix, *, most: int, shrinkage: float | None = None) -> Matrix:
    """Principal components (n, r) of equal variance, largest first, at most `most`, none below rounding noise.

    shrinkage   None: Ledoit & Wolf's (J. Multivariate Analysis 2004) weight of the identity, so that directions of
                hardly any variance are not blown up when there are few rows
    """
    centred = np.asarray(X - X.mean(axis=0), dtype=np.float64)
    values, directions = principal(centred, most=most)
    if not len(values):
        return np.zeros((len(X), 1), dtype=X.dtype)
    share = ledoit_wolf(centred) if shrinkage is None else shrinkage
    average = float((centred**2).sum()) / (len(X) * X.shape[1])
    scale = 1 / np.sqrt((1 - share) * values + share * average)
    return np.asarray((centred @ directions) * scale, dtype=X.dtype)


def principal(centred: Matrix, *, most: int) -> tuple[Vector, Matrix]:
    """Variances (r,) and directions (d, r) of the leading components of centred rows, largest first.

    Each direction's largest entry is positive, so that the order of rows decides nothing.
    """
    n, d = centred.shape
    if d <= n:
        values, vectors = _leading(centred.T @ centred / n, noise=n * 1e-12)
        return values[:most], _signed(vectors[:, :most])
    values, vectors = _leading(centred @ centred.T / n, noise=d * 1e-12)
    values, vectors = values[:most], vectors[:, :most]
    return values, _signed(centred.T @ (vectors / np.sqrt(values * n)))


def principal_axes(covariance: Matrix, *, most: int | None = None) -> tuple[Vector, Matrix]:
    """The same of a covariance (d, d), None for all that there are."""
    d = len(covariance)
    few = most is not None and FEW_OF * most <= d
    values, vectors = _leading(covariance, noise=d * 1e-12, most=most if few else None)
    return values[:most], _signed(vectors[:, :most])


def _leading(symmetric: Matrix, *, noise: float, most: int | None = None) -> tuple[Vector, Matrix]:
    """Eigenvalues (r,), largest first, and vectors (m, r): those above a share `noise` of the largest, at most so
    many."""
    if most is None:
        values, vectors = linalg.eigh(symmetric, check_finite=False, driver="evd")
    else:
        values, vectors = linalg.eigh(
            symmetric, check_finite=False, subset_by_index=(len(symmetric) - most, len(symmetric) - 1)
        )
    kept = np.flatnonzero(values > max(float(values[-1]), 1e-300) * noise)[::-1]
    return values[kept], vectors[:, kept]


def _signed(vectors: Matrix) -> Matrix:
    """Columns turned, in place, so that the largest entry of each, the first of several, is positive."""
    highest, lowest = vectors.max(axis=0), vectors.min(axis=0)
    turned = -lowest > highest
    for column in np.flatnonzero(-lowest == highest):
        turned[column] = vectors[np.abs(vectors[:, column]).argmax(), column] < 0
    vectors *= np.where(turned, -1.0, 1.0)
    return vectors


def ledoit_wolf(centred: Matrix) -> float:
    """The weight in [0, 1] of a multiple of the identity that makes the covariance of these rows closest to the truth.

    Lemma 3.3 of Ledoit & Wolf 2004; O(n d min(n, d)).
    """
    n, d = centred.shape
    small = (centred.T @ centred if d <= n else centred @ centred.T) / n
    rows = np.einsum("ij,ij->i", centred, centred)
    return ledoit_wolf_weight(float((small**2).sum()), float(np.trace(small)), float((rows**2).mean()), n=n, d=d)


def ledoit_wolf_weight(norm: float, trace: float, fourth: float, *, n: float, d: int) -> float:
    """The same from what a decomposition already holds: tr S², tr S, and the mean fourth power of the rows' lengths."""
    distance = norm - trace**2 / d
    if distance <= 0:
        return 1.0
    return float(np.clip((fourth - norm) / n / distance, 0.0, 1.0))


def angles_between(first: Matrix, second: Matrix) -> Vector:
    """Principal angles (radians, smallest first) between the spans of two orthonormal bases (d, k) (Jordan 1875)."""
    cosines = linalg.svdvals(first.T @ second)
    return np.asarray(np.arccos(np.clip(cosines, -1.0, 1.0)))
