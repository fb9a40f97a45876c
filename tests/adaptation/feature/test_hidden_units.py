"""Units are centred sigmoids, and rows keep their kind beside them."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.special import expit

from headstart.adaptation.feature.hidden_units import beside, encoded, presence


def test_units_are_sigmoids_less_one_half() -> None:
    rng = np.random.default_rng(0)
    X, W, b = rng.normal(size=(4, 3)), rng.normal(size=(3, 2)), rng.normal(size=2)
    np.testing.assert_allclose(encoded(X, False, W, b), expit(X @ W + b) - 0.5)
    np.testing.assert_allclose(encoded(sparse.csr_matrix(X), True, W, b), expit(np.ones((4, 3)) @ W + b) - 0.5)


def test_rows_keep_their_kind() -> None:
    X = np.array([[0.0, 2.0], [3.0, 0.0]])
    assert sparse.issparse(beside(sparse.csr_matrix(X), X))
    np.testing.assert_array_equal(beside(X, X), np.hstack([X, X]))
    np.testing.assert_array_equal(presence(X, True), [[0, 1], [1, 0]])
    np.testing.assert_array_equal(presence(X, False), X)
