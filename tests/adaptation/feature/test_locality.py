"""The Laplacian of near rows, beside its sum written out."""

from __future__ import annotations

import numpy as np

from headstart.adaptation.feature.locality import heat_laplacian


def test_the_form_is_the_sum_over_neighbours() -> None:
    rng = np.random.default_rng(0)
    X, z = rng.normal(size=(12, 3)), rng.normal(size=12)
    distances = np.linalg.norm(X[:, None] - X[None], axis=2)
    nearest = np.argsort(distances + 99 * np.eye(12), axis=1)[:, :3]
    near = np.zeros((12, 12), dtype=bool)
    near[np.arange(12)[:, None], nearest] = True
    width = np.median(distances[near])
    weights = np.where(near | near.T, np.exp(-(distances**2) / (2 * width**2)), 0.0)
    L = heat_laplacian(X, 3)
    np.testing.assert_allclose(z @ L @ z, 0.5 * (weights * (z[:, None] - z) ** 2).sum())
    np.testing.assert_allclose(L @ np.ones(12), 0, atol=1e-12)


def test_equal_rows_and_more_neighbours_than_rows_are_no_trouble() -> None:
    same = heat_laplacian(np.zeros((4, 2)), 10).toarray()
    np.testing.assert_allclose(same, 4 * np.eye(4) - np.ones((4, 4)))
