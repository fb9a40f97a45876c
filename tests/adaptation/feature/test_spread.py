"""Mean and covariance without a d x d matrix, against numpy's, in both shapes and from moments."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import linalg, sparse

from headstart.adaptation.feature.spread import Spread
from headstart.errors import DataError
from headstart.heads.moments import Moments


@pytest.mark.parametrize(("n", "d"), [(40, 6), (6, 40), (10, 10)])
@pytest.mark.parametrize("exponent", [-0.5, 0.5, 1.0])
def test_powers_are_those_of_the_full_matrix(n: int, d: int, exponent: float) -> None:
    rng = np.random.default_rng(0)
    X, Z = rng.normal(size=(n, d)) @ rng.normal(size=(d, d)), rng.normal(size=(5, d))
    full = np.cov(X.T, bias=True) + 0.3 * np.eye(d)
    expected = Z @ linalg.fractional_matrix_power(full, exponent)
    for rows in (X, sparse.csr_matrix(X)):
        np.testing.assert_allclose(Spread.of(rows).powered(Z, exponent, 0.3), expected, atol=1e-8)


def test_moments_added_up_say_the_same_as_the_rows() -> None:
    rng = np.random.default_rng(0)
    X = 100 + rng.normal(size=(50, 7))
    parts = [Moments.of(part, np.zeros(len(part), int), np.ones(len(part)), 1, scatter=True) for part in (X[:9], X[9:])]
    merged = Spread.of_moments(parts[1] + parts[0])
    whole = Spread.of(X)
    np.testing.assert_allclose(merged.mean, whole.mean)
    np.testing.assert_allclose(merged.variances, whole.variances)
    np.testing.assert_allclose(np.abs((merged.directions * whole.directions).sum(axis=0)), 1.0)
    assert whole.average == pytest.approx(X.var(axis=0).mean())


def test_moments_without_scatter_are_refused() -> None:
    bare = Moments.of(np.eye(3), np.zeros(3, int), np.ones(3), 1, scatter=False)
    with pytest.raises(DataError, match="hold no scatter"):
        Spread.of_moments(bare)
