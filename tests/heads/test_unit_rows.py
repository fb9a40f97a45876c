"""Unit rows, dense and sparse."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from headstart.heads.unit_rows import unit_rows


def test_rows_have_length_one_and_zeros_stay() -> None:
    X = np.random.default_rng(0).normal(size=(6, 4)) * (np.arange(6) > 0)[:, None]
    expected = X / np.where(np.arange(6) > 0, np.linalg.norm(X, axis=1), 1)[:, None]
    thin = unit_rows(sparse.csr_matrix(X))
    assert np.allclose(unit_rows(X), expected)
    assert sparse.issparse(thin)
    assert np.allclose(thin.toarray(), expected)


def test_precision_is_kept_and_the_input_untouched() -> None:
    X = np.full((2, 3), 5, dtype=np.float32)
    thin = sparse.csr_matrix(X)
    assert unit_rows(X).dtype == unit_rows(thin).dtype == np.float32
    assert (X == 5).all()
    assert (thin.toarray() == 5).all()
