"""The Gaussian kernel against its definition, and its random features against the kernel."""

from __future__ import annotations

import numpy as np
from scipy.spatial.distance import cdist, pdist

from headstart.stats.kernels import median_bandwidth, random_features, rbf, squared_distances


def test_distances_and_kernel_follow_their_definition() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((7, 3)), rng.standard_normal((5, 3))
    np.testing.assert_allclose(squared_distances(x, y), cdist(x, y, "sqeuclidean"), atol=1e-12)
    np.testing.assert_allclose(rbf(x, y, 0.7), np.exp(-cdist(x, y, "sqeuclidean") / (2 * 0.49)), atol=1e-12)


def test_distances_are_never_negative_and_keep_single_precision() -> None:
    x = np.random.default_rng(3).standard_normal((50, 40)) * 100
    found = squared_distances(x, x)
    assert found.min() >= 0
    assert np.abs(np.diagonal(found)).max() < 1e-9 * found.max()
    assert squared_distances(x.astype(np.float32), x.astype(np.float32)).dtype == np.float32
    whole = np.arange(6).reshape(3, 2)
    np.testing.assert_array_equal(squared_distances(whole, whole), cdist(whole, whole, "sqeuclidean"))
    assert squared_distances(x[:0], x).shape == (0, 50)


def test_the_bandwidth_is_the_median_distance() -> None:
    x = np.random.default_rng(1).standard_normal((40, 4))
    assert np.isclose(median_bandwidth(x, rng=np.random.default_rng(0)), np.median(pdist(x)))
    assert median_bandwidth(np.ones((9, 2)), rng=np.random.default_rng(0)) == 1.0


def test_random_features_approach_the_kernel() -> None:
    rng = np.random.default_rng(2)
    x = rng.standard_normal((20, 6))
    waves = random_features(x, 2.0, count=20000, rng=rng)
    np.testing.assert_allclose(waves @ waves.T, rbf(x, x, 2.0), atol=0.05)
