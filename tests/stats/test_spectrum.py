"""One eigendecomposition against least squares written out, on both sides of n = d."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.linear_model import Ridge

from headstart.errors import DataError
from headstart.stats import spectrum
from headstart.stats.spectrum import Spectrum

SHAPES = [(12, 30), (30, 30), (31, 30), (32, 30), (60, 7), (2, 5), (40, 1)]


def world(n: int, d: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)) + 3, rng.normal(size=(n, 2)), rng.uniform(0.2, 3, n)


def refitted(X: np.ndarray, Y: np.ndarray, weights: np.ndarray, ridge: float) -> np.ndarray:
    """Each row's residual under scikit-learn's ridge fitted without it."""
    rows = np.arange(len(X))
    fits = (Ridge(alpha=ridge).fit(X[rows != i], Y[rows != i], weights[rows != i]) for i in rows)
    return np.array([Y[i] - fit.predict(X[i : i + 1])[0] for i, fit in enumerate(fits)])


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("ridge", [1e-3, 1.0, 1e3])
def test_leave_one_out_equals_fitting_again(shape: tuple[int, int], ridge: float) -> None:
    X, Y, weights = world(*shape)
    assert np.allclose(Spectrum.of(X).loo_residuals(Y, ridge), refitted(X, Y, np.ones(len(X)), ridge), atol=1e-7)
    assert np.allclose(Spectrum.of(X, weights).loo_residuals(Y, ridge), refitted(X, Y, weights, ridge), atol=1e-7)


def test_interpolating_noise_is_not_mistaken_for_knowledge() -> None:
    """The trap: at n < d and hardly any ridge, (Y - HY)/(1 - h) clipped says every row is right. It must say chance."""
    rng = np.random.default_rng(0)
    found = []
    for _ in range(20):
        X, y = rng.normal(size=(60, 300)), rng.permutation(np.repeat([-1.0, 1.0], 30))
        left = Spectrum.of(X).loo_residuals(y[:, None], 1e-6)[:, 0]
        found.append(float((np.sign(y - left) == y).mean()))
    assert np.mean(found) < 0.53


@pytest.mark.parametrize("shape", SHAPES)
def test_decomposes_the_weighted_centred_rows(shape: tuple[int, int]) -> None:
    X, _, weights = world(*shape)
    found = Spectrum.of(X, weights)
    A = np.sqrt(weights)[:, None] * (X - np.average(X, axis=0, weights=weights))
    V = found.vectors
    assert np.allclose(V.T @ V, np.eye(V.shape[1]))
    assert np.allclose(V.T @ np.sqrt(weights), 0)
    assert np.allclose((V * found.values) @ V.T, A @ A.T, atol=1e-8 * np.trace(A @ A.T))
    assert (np.diff(found.values) >= -1e-9).all()
    expected = np.linalg.svd(A, compute_uv=False) ** 2
    rank = min(shape[0] - 1, shape[1])
    assert np.allclose(found.values[::-1][:rank], expected[:rank])


@pytest.mark.parametrize("shape", SHAPES)
def test_coefficients_are_those_of_ridge_regression(shape: tuple[int, int]) -> None:
    X, Y, weights = world(*shape)
    found = Spectrum.of(X, weights)
    expected = Ridge(alpha=0.7).fit(X, Y, weights)
    assert np.allclose(found.coefficients(found.project(Y), 0.7), expected.coef_.T)


@pytest.mark.parametrize("shape", SHAPES)
def test_coordinates_keep_distances_and_lift_takes_weights_back(shape: tuple[int, int]) -> None:
    X, _, weights = world(*shape)
    found = Spectrum.of(X, weights)
    Z = found.coordinates
    assert np.allclose(Z @ Z.T, (X - found.mean) @ (X - found.mean).T, atol=1e-8)
    theta = np.random.default_rng(1).normal(size=(Z.shape[1], 3))
    assert np.allclose((X - found.mean) @ found.lift(theta), Z @ theta, atol=1e-8)


@pytest.mark.parametrize("shape", [(12, 30), (60, 7)])
def test_sparse_equals_dense(shape: tuple[int, int]) -> None:
    X, Y, weights = world(*shape)
    X = X * (np.random.default_rng(2).random(shape) < 0.4)
    rows = sparse.csr_matrix(X)
    rows.indices, rows.indptr = rows.indices.astype(np.int64), rows.indptr.astype(np.int64)
    dense, thin = Spectrum.of(X, weights), Spectrum.of(rows, weights)
    assert np.allclose(dense.loo_residuals(Y, 0.5), thin.loo_residuals(Y, 0.5), atol=1e-7)
    assert np.allclose(dense.coefficients(dense.project(Y), 0.5), thin.coefficients(thin.project(Y), 0.5), atol=1e-9)


@settings(max_examples=25, deadline=None)
@given(st.integers(3, 25), st.integers(1, 25), st.integers(0, 2**32 - 1))
def test_what_changes_nothing(n: int, d: int, seed: int) -> None:
    """Order of rows and columns, rotation, shift, columns of zeros; scaling by c scales the ridge by c²."""
    X, Y, weights = world(n, d, seed)
    rng = np.random.default_rng(seed)
    expected = Spectrum.of(X, weights).loo_residuals(Y, 2.0)
    rotation, order = np.linalg.qr(rng.normal(size=(d, d)))[0], rng.permutation(n)
    for changed in (X[:, rng.permutation(d)], X @ rotation, X + 5, np.hstack([X, np.zeros((n, 9))])):
        assert np.allclose(Spectrum.of(changed, weights).loo_residuals(Y, 2.0), expected, atol=1e-7)
    assert np.allclose(Spectrum.of(X[order], weights[order]).loo_residuals(Y[order], 2.0), expected[order], atol=1e-7)
    assert np.allclose(Spectrum.of(3 * X, weights).loo_residuals(Y, 18.0), expected, atol=1e-7)


def test_single_precision_judges_to_six_digits_and_solves_to_all() -> None:
    """Many rows of single-precision features: their vectors are single precision, what is solved for is not."""
    X, Y, weights = world(200, 20)
    X = X.astype(np.float32)
    coarse, fine = Spectrum.of(X, weights), Spectrum.of(X.astype(np.float64), weights)
    assert coarse.vectors.dtype == np.float32
    assert Spectrum.of(X[:40]).vectors.dtype == np.float64
    for ridge in (1e-3, 1.0, 1e3):
        assert np.allclose(coarse.loo_residuals(Y, ridge), fine.loo_residuals(Y, ridge), atol=1e-5)
        first, second = (each.coefficients(each.project(Y), ridge) for each in (coarse, fine))
        assert np.allclose(first, second, rtol=1e-10, atol=1e-12)


def test_from_the_scatter_of_all_rows_some_are_at_hand() -> None:
    X, Y, weights = world(50, 6)
    whole = Spectrum.of(X, weights)
    A = np.sqrt(weights)[:, None] * (X - whole.mean)
    part = Spectrum.of_scatter(A.T @ A, whole.mean, weights.sum(), X[:10], weights[:10])
    ridges = np.array([0.1, 10.0])
    assert np.allclose(part.remaining(ridges), whole.remaining(ridges)[:10])
    average = np.average(Y, axis=0, weights=weights)
    signs = np.sign((part.directions * whole.directions).sum(axis=0))
    left = part.unexplained(part.centred(Y[:10], average), part.mixtures(signs[:, None] * whole.project(Y), ridges))
    expected = whole.unexplained(whole.centred(Y), whole.mixtures(whole.project(Y), ridges))
    assert np.allclose(left, expected[:10])


@pytest.mark.parametrize("X", [np.ones((5, 3)), np.ones((1, 4)), np.ones((9, 2))])
def test_equal_rows_leave_the_mean(X: np.ndarray) -> None:
    y = np.arange(len(X), dtype=float)[:, None]
    found = Spectrum.of(X)
    assert found.scale == 1.0
    assert found.coordinates.shape[1] == 0
    assert np.allclose(found.coefficients(found.project(y), 1.0), 0)
    if len(X) > 1:
        others = (y.sum() - y) / (len(X) - 1)
        assert np.allclose(found.loo_residuals(y, 1.0), y - others)


def test_says_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DataError, match=r"weights must be positive and finite, the smallest is 0\.0"):
        Spectrum.of(np.eye(3), np.array([1.0, 0.0, 1.0]))
    with pytest.raises(DataError, match="X has 3 rows and weights has 2"):
        Spectrum.of(np.eye(3), np.ones(2))
    monkeypatch.setattr(spectrum, "MOST_BYTES", 1 << 30)
    with pytest.raises(DataError, match="a spectrum of 20000 x 30000 needs about 12 GiB of memory"):
        Spectrum.of(sparse.csr_matrix((20_000, 30_000)))
