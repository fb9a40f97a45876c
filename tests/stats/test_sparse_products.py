"""Products of sparse rows against dense ones, with full columns, without, and with nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from headstart.stats.sparse_products import column_products, mostly_filled, row_products


@pytest.mark.parametrize("filled", [(), (0, 3, 4), tuple(range(9))])
@pytest.mark.parametrize("n", [4, 60])
def test_products_are_those_of_the_dense_rows(filled: tuple[int, ...], n: int) -> None:
    rng = np.random.default_rng(n)
    X = rng.normal(size=(n, 9)) * (rng.uniform(size=(n, 9)) < 0.1)
    X[:, filled] = rng.normal(size=(n, len(filled)))
    for kind in (sparse.csr_matrix, sparse.csc_matrix, sparse.csr_array):
        np.testing.assert_allclose(row_products(kind(X)), X @ X.T, atol=1e-12)
        np.testing.assert_allclose(column_products(kind(X)), X.T @ X, atol=1e-12)


def test_columns_count_as_full_from_a_quarter_on() -> None:
    X = np.zeros((8, 3))
    X[:2, 1], X[0, 2] = 1.0, 1.0
    assert mostly_filled(sparse.csr_array(X)).tolist() == [False, True, False]
