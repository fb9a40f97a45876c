"""Standardised and whitened rows, Ledoit-Wolf against scikit-learn, principal angles."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import subspace_angles
from sklearn.covariance import LedoitWolf
from sklearn.decomposition import PCA

from headstart.stats.covariance import angles_between, ledoit_wolf, principal, standardised, whitened


@pytest.mark.parametrize("shape", [(40, 6), (8, 30)])
def test_shrinkage_is_that_of_ledoit_and_wolf(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    X = rng.standard_normal(shape) * np.linspace(0.2, 3, shape[1])
    assert ledoit_wolf(X - X.mean(0)) == pytest.approx(LedoitWolf().fit(X).shrinkage_, abs=1e-9)


@pytest.mark.parametrize("shape", [(50, 7), (9, 40)])
def test_components_are_the_principal_ones(shape: tuple[int, int]) -> None:
    X = np.random.default_rng(1).standard_normal(shape) * np.linspace(1, 4, shape[1])
    values, directions = principal(X - X.mean(0), most=3)
    pca = PCA(3, svd_solver="full").fit(X)
    np.testing.assert_allclose(values, pca.explained_variance_ * (len(X) - 1) / len(X))
    np.testing.assert_allclose(np.abs(np.sum(directions.T * pca.components_, axis=1)), 1.0)


def test_whitened_rows_have_unit_covariance_where_nothing_is_shrunk() -> None:
    X = np.random.default_rng(2).standard_normal((60, 4)) @ np.diag([1.0, 3, 0.1, 7]) + 50
    white = whitened(X, most=4, shrinkage=0.0)
    np.testing.assert_allclose(white.T @ white / 60, np.eye(4), atol=1e-9)


def test_constant_columns_become_zero_and_constant_rows_are_survived() -> None:
    X = np.c_[np.full(9, 1e6), np.arange(9.0)]
    assert (standardised(X)[:, 0] == 0).all()
    assert standardised(X)[:, 1].std() == pytest.approx(1)
    assert not whitened(np.ones((5, 3)), most=2).any()


def test_angles_agree_with_scipy() -> None:
    rng = np.random.default_rng(3)
    first, second = (np.linalg.qr(rng.standard_normal((9, 3)))[0] for _ in range(2))
    np.testing.assert_allclose(angles_between(first, second), np.sort(subspace_angles(first, second)), atol=1e-7)
