"""The block iteration against a dense generalised eigensolver."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import linalg

from headstart.adaptation.feature.components import (
    components_of_coordinates,
    leading_pairs,
    mean_contrast,
    smooth_components,
    transfer_components,
)
from headstart.errors import DataError
from headstart.stats.kernels import rbf


@pytest.mark.parametrize("mu", [0.0, 1.0, 1000.0])
@pytest.mark.parametrize("penalised", [False, True])
def test_values_and_space_are_those_of_the_pencil(mu: float, penalised: bool) -> None:
    rng = np.random.default_rng(0)
    X = np.vstack([rng.normal(size=(35, 3)), 1 + rng.normal(size=(25, 3))])
    K, e = rbf(X, X, 1.5), mean_contrast(np.arange(60) >= 35)
    G = rng.uniform(0.5, 2.0, 60) if penalised else np.ones(60)
    H = np.eye(60) - 1 / 60
    values, _ = linalg.eigh(K @ H @ K, np.diag(G) + mu * np.outer(K @ e, K @ e))
    found = transfer_components(
        lambda V: K @ V, lambda V: H @ V, e, mu=mu, components=5, penalties=G if penalised else None, tolerance=1e-10
    )
    assert found.residual <= 1e-10
    np.testing.assert_allclose(found.values, values[::-1][:5], rtol=1e-8)
    right = np.diag(G) + mu * np.outer(K @ e, K @ e)
    W = found.weights
    np.testing.assert_allclose(W.T @ right @ W, np.eye(5), atol=1e-7)
    left = K @ H @ K @ W
    np.testing.assert_allclose(left, right @ W * found.values, atol=1e-6 * values[-1])


@pytest.mark.parametrize("mu", [0.0, 10.0, 1000.0])
def test_few_columns_give_what_all_rows_give(mu: float) -> None:
    rng = np.random.default_rng(0)
    Phi, e = rng.normal(size=(60, 6)) + 0.3, mean_contrast(np.arange(60) >= 35)
    centre = np.eye(60) - 1 / 60
    small = components_of_coordinates(Phi, lambda V: centre @ V, e, mu=mu, components=3)
    large = transfer_components(
        lambda V: Phi @ (Phi.T @ V), lambda V: centre @ V, e, mu=mu, components=3, tolerance=1e-11
    )
    np.testing.assert_allclose(small.values, large.values, rtol=1e-7)
    assert small.residual < 1e-9
    Z, expected = Phi @ small.weights, Phi @ (Phi.T @ large.weights)
    np.testing.assert_allclose(Z @ Z.T, expected @ expected.T, atol=1e-5 * np.abs(expected @ expected.T).max())


@pytest.mark.parametrize("mu", [0.0, 10.0, 1000.0])
def test_rough_embeddings_cost_what_the_pencil_says(mu: float) -> None:
    rng = np.random.default_rng(0)
    Phi, e, H = rng.normal(size=(40, 6)) + 0.3, mean_contrast(np.arange(40) >= 25), np.eye(40) - 1 / 40
    R = np.cov(rng.normal(size=(40, 60)))
    K = Phi @ Phi.T
    inverse = np.linalg.inv(np.eye(40) + mu * K @ (np.outer(e, e) + R) @ K)
    expected = np.sort(linalg.eigvals(inverse @ K @ H @ K).real)[::-1][:3]  # the product as the paper prints it
    whole = smooth_components(K, lambda V: H @ V, e, R, mu=mu, components=3)
    small = components_of_coordinates(Phi, lambda V: H @ V, e, R, mu=mu, components=3)
    for found in (whole, small):
        np.testing.assert_allclose(found.values, expected, rtol=1e-6)
        assert found.residual < 1e-8
    Z, other = K @ whole.weights, Phi @ small.weights
    np.testing.assert_allclose(Z @ Z.T, other @ other.T, atol=1e-6 * np.abs(Z @ Z.T).max())
    plain = smooth_components(K, lambda V: H @ V, e, 0 * R, mu=mu, components=3)
    without = components_of_coordinates(Phi, lambda V: H @ V, e, mu=mu, components=3)
    np.testing.assert_allclose(plain.values, without.values, rtol=1e-7)


def test_the_contrast_is_the_difference_of_means() -> None:
    z, is_target = np.array([1.0, 3.0, 10.0]), np.array([False, False, True])
    assert mean_contrast(is_target) @ z == pytest.approx(2.0 - 10.0)


def test_an_operator_of_low_rank_gives_no_more_than_its_rank() -> None:
    B = np.random.default_rng(0).normal(size=(30, 2))
    values, vectors, residual = leading_pairs(lambda V: B @ (B.T @ V), 30, 5, tolerance=1e-9, max_iter=50, seed=0)
    np.testing.assert_allclose(values, np.linalg.svd(B)[1] ** 2)
    assert vectors.shape == (30, 2)
    assert residual <= 1e-9


def test_misuse() -> None:
    with pytest.raises(DataError, match="components must be at least 1"):
        transfer_components(lambda V: V, lambda V: V, np.ones(3), mu=1, components=0)
