"""Rows beside the hidden units that a trained encoder finds in them: what an autoencoder ships."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from headstart.arrays import Matrix, Vector


def counts_of(X: Any) -> bool:
    """Whether rows look like counts of words or their tf-idf: sparse, most entries 0, none below. There it matters more
    whether an entry is 0 than how large it is."""
    return bool(sparse.issparse(X) and 2 * X.count_nonzero() < np.prod(X.shape) and X.min() >= 0)


def presence(X: Any, binary: bool) -> Any:
    """Rows as the network sees them: 0 and 1, or as they are."""
    return (X != 0).astype(np.float64) if binary else X


def encoded(X: Any, binary: bool, weights: Matrix, bias: Vector) -> Matrix:
    """The hidden units (n, hidden), each less one half: a unit that knows nothing is 0."""
    return np.asarray(np.tanh((np.asarray(presence(X, binary) @ weights) + bias) / 2) / 2)


def beside(X: Any, extra: Matrix) -> Any:
    """Rows with more columns (n, d + k), CSR for CSR."""
    if not sparse.issparse(X):
        return np.hstack([X, extra])
    n, k = extra.shape
    every = sparse.csr_matrix((extra.ravel(), np.tile(np.arange(k), n), k * np.arange(n + 1)), shape=extra.shape)
    return sparse.hstack([X, every], format="csr")
