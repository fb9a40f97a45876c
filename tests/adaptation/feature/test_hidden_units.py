"""Units are centred sigmoids, and rows keep their kind beside them."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.special import expit

from headstart.adaptation.feature.hidden_units import beside, counts_of, encoded, presence


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


def test_only_sparse_rows_that_look_like_words_are_counts() -> None:
    words = np.array([[0.0, 2.0, 0.0], [3.0, 0.0, 0.0]])
    assert counts_of(sparse.csr_matrix(words)) and counts_of(sparse.csr_array(words))
    assert not counts_of(words)  # rows that are kept in full may be anything
    assert not counts_of(sparse.csr_matrix(words - 1))  # filled, and below 0
    assert not counts_of(sparse.csr_matrix(-words))
