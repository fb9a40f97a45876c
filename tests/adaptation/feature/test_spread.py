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


@pytest.mark.parametrize("exponent", [-0.5, 0.5, 1.0])
def test_a_power_as_a_matrix_is_what_rows_are_multiplied_by(exponent: float) -> None:
    X = np.random.default_rng(0).normal(size=(30, 8)) * np.arange(8)  # one column does not vary
    spread = Spread.of(X)
    expected = linalg.fractional_matrix_power(np.cov(X.T, bias=True) + 0.7 * np.eye(8), exponent)
    np.testing.assert_allclose(spread.power(exponent, 0.7), expected, atol=1e-10)
    np.testing.assert_allclose(spread.power(exponent, 0.7), spread.powered(np.eye(8), exponent, 0.7), atol=1e-10)


@pytest.mark.parametrize(("n", "d"), [(300, 40), (20, 40)])
def test_leading_axes_are_the_first_of_all(n: int, d: int) -> None:
    X = np.random.default_rng(0).normal(size=(n, d)) * np.geomspace(1, 0.1, d)
    every, some = Spread.of(X), Spread.of(X)
    variances, directions = some.leading(5)
    np.testing.assert_allclose(variances, every.variances[:5], rtol=1e-10)
    np.testing.assert_allclose(directions, every.directions[:, :5], atol=1e-10)
    assert every.leading(30)[1].shape == (d, min(30, n - 1))


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
