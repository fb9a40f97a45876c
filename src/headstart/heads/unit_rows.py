"""Rows brought to length one, so that products are cosines."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse


def unit_rows(X: Any) -> Any:
    """Each row (n, d) divided by its Euclidean length; zero rows stay zero. Dense stays dense, sparse stays CSR."""
    if sparse.issparse(X):
        X = X.tocsr()
        lengths = np.sqrt(np.asarray(X.multiply(X).sum(axis=1)).ravel())
        scaled = X.copy()
        scaled.data = X.data / np.repeat(np.where(lengths > 0, lengths, 1.0), np.diff(X.indptr)).astype(X.dtype)
        return scaled
    lengths = np.sqrt(np.einsum("nd,nd->n", X, X, dtype=np.float64))
    return X / np.where(lengths > 0, lengths, 1.0)[:, None].astype(X.dtype)
