"""Products of sparse rows with themselves. Columns that are mostly filled, such as hidden units beside counted words,
are multiplied as dense ones: a sparse product pays a hundred times as much for each of their entries."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from headstart.arrays import Mask

FULL = 0.25  # of a column's entries: dense from here on, at most three times the memory that they take as sparse ones


def row_products(X: Any) -> NDArray[np.float64]:
    """X X' (n, n), dense, of sparse X (n, d)."""
    X = sparse.csr_array(X, dtype=np.float64)
    full = mostly_filled(X)
    if not full.any():
        return np.asarray((X @ X.T).toarray())
    few, many = X[:, ~full], X[:, full].toarray()
    product = many @ many.T
    product += (few @ few.T).toarray()
    return np.asarray(product)


def column_products(X: Any) -> NDArray[np.float64]:
    """X' X (d, d), dense, of sparse X (n, d)."""
    X = sparse.csr_array(X, dtype=np.float64)
    full = mostly_filled(X)
    if not full.any():
        return np.asarray((X.T @ X).toarray())
    few, many = X[:, ~full], X[:, full].toarray()
    product, sides = np.empty((X.shape[1], X.shape[1])), (np.flatnonzero(~full), np.flatnonzero(full))
    crossed = few.T @ many
    product[np.ix_(sides[0], sides[0])] = (few.T @ few).toarray()
    product[np.ix_(sides[0], sides[1])] = crossed
    product[np.ix_(sides[1], sides[0])] = crossed.T
    product[np.ix_(sides[1], sides[1])] = many.T @ many
    return product


def mostly_filled(X: Any) -> Mask:
    """Which columns (d,) of CSR rows hold something in a quarter of the rows or more."""
    return np.asarray(np.bincount(X.indices, minlength=X.shape[1]) >= FULL * X.shape[0])
