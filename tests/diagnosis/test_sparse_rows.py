"""Bags of words as dense rows."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from headstart.diagnosis.side import Side
from headstart.diagnosis.sparse_rows import densified


def test_narrow_ones_become_dense_as_they_are() -> None:
    X = sparse.random(20, 30, density=0.3, random_state=0, format="csr")
    first, second, kept = densified(Side.of(X), Side.of(X), (np.arange(20), np.arange(20)))
    np.testing.assert_array_equal(first.X, X.toarray())
    assert second.X.shape == (20, 30)
    assert kept == 1


def test_wide_ones_keep_what_their_leading_directions_hold() -> None:
    rng = np.random.default_rng(0)
    topics = sparse.random(4, 3000, density=0.05, random_state=1)
    X = sparse.csr_matrix(rng.random((60, 4)) @ topics)
    first, _, kept = densified(Side.of(X[:30]), Side.of(X[30:]), (np.arange(30), np.arange(30)))
    assert kept > 0.999
    np.testing.assert_allclose(first.X @ first.X.T, (X[:30] @ X[:30].T).toarray(), rtol=1e-3)
