"""Sparse matrices (bags of words) as dense ones of a few hundred columns: latent semantic analysis of both sides
together (Deerwester et al., JASIS 1990)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.utils.extmath import randomized_svd

from headstart.arrays import Rows
from headstart.diagnosis.side import Side

WIDEST_DENSE = 2048
COMPONENTS = 256


def densified(source: Side, target: Side, rows: tuple[Rows, Rows]) -> tuple[Side, Side, float]:
    """Both sides dense; wide sparse ones by the leading singular directions of the given rows of both.

    Which side a row is on never enters, so tests stay exact. Third: the share of the squared length that is kept.
    """
    if not (sparse.issparse(source.X) or sparse.issparse(target.X)):
        return source, target, 1.0
    if source.X.shape[1] <= WIDEST_DENSE:
        return _with(source, _dense(source.X)), _with(target, _dense(target.X)), 1.0
    chosen = [_sparse(side.X)[part] for side, part in zip((source, target), rows, strict=True)]
    pooled = sparse.vstack(chosen).astype(np.float32)
    most = min(COMPONENTS, min(pooled.shape) - 1)
    _, singular, directions = randomized_svd(pooled, most, n_iter=3, random_state=0)
    dense = [_with(side, np.asarray(_sparse(side.X) @ directions.T)) for side in (source, target)]
    return dense[0], dense[1], float((singular**2).sum() / max(float(pooled.multiply(pooled).sum()), 1e-30))


def _with(side: Side, X: Any) -> Side:
    return replace(side, X=X, domain=replace(side.domain, columns=()))


def _sparse(X: Any) -> Any:
    return X.tocsr() if sparse.issparse(X) else sparse.csr_matrix(X)


def _dense(X: Any) -> Any:
    return X.toarray() if sparse.issparse(X) else X
