"""What a row's nearest neighbours say: votes weighted by cosine (Wu et al., CVPR 2018), the row itself left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from headstart.arrays import Labels, Matrix, Vector

SHARPNESS = 0.07
BLOCK = 1024


def left_out_votes(
    rows: Any, codes: Labels, votes: Vector, ks: Sequence[int], n_classes: int
) -> NDArray[np.floating[Any]]:
    """Probabilities (len(ks), n, C) of each row by its k nearest others.

    rows (n, d) of unit length, dense or CSR; codes (n,); votes (n,) what each row's vote counts.
    """
    blocks = []
    for start, cosines in cosines_to(rows, rows):
        cosines[np.arange(len(cosines)), start + np.arange(len(cosines))] = -np.inf
        order, ranked = nearest(cosines, max(ks))
        blocks.append(np.stack([vote_shares(order[:, :k], ranked[:, :k], codes, votes, n_classes) for k in ks]))
    return np.concatenate(blocks, axis=1)


def cosines_to(rows: Any, X: Any) -> Iterator[tuple[int, Matrix]]:
    """Products (b, n) of a block of X with all rows, and where the block starts."""
    for start in range(0, X.shape[0], BLOCK):
        product = X[start : start + BLOCK] @ rows.T
        yield start, np.asarray(product.toarray() if sparse.issparse(product) else product, dtype=np.float64)


def vote_shares(order: Labels, cosines: Matrix, codes: Labels, votes: Vector, n_classes: int) -> Matrix:
    """(votes + 1/C) / (all votes + 1) per class, a vote being exp((cosine - largest cosine) / 0.07); (b, C)."""
    strength = np.exp((cosines - cosines[:, :1]) / SHARPNESS) * votes[order]
    rows = np.repeat(np.arange(len(order)), order.shape[1]) * n_classes + codes[order].ravel()
    shares = np.bincount(rows, strength.ravel(), len(order) * n_classes).reshape(len(order), n_classes)
    return (shares + 1 / n_classes) / (shares.sum(axis=1, keepdims=True) + 1)


def nearest(cosines: Matrix, k: int) -> tuple[Labels, Matrix]:
    """The k columns of largest cosine in each row, largest first, and their cosines."""
    k = min(k, cosines.shape[1])
    found = (
        np.argpartition(-cosines, k - 1, axis=1)[:, :k]
        if k < cosines.shape[1]
        else np.tile(np.arange(k), (len(cosines), 1))
    )
    values = np.take_along_axis(cosines, found, axis=1)
    order = np.lexsort((found, -values), axis=1)
    return np.take_along_axis(found, order, axis=1), np.take_along_axis(values, order, axis=1)
