"""The generalised covariance measure: level without association, power with it, blocks."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.stats.residual_products import residual_product_ps


def residuals(n: int, seed: int, association: float = 0.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    z = rng.standard_normal((n, 3))
    first = rng.standard_normal(n) * (1 + z[:, 0] ** 2)
    second = rng.standard_normal((n, 2))
    second[:, 0] += association * first * z[:, 1]  # covariance zero on average, not at given z
    return first, second, z


def test_level_holds_with_unequal_variances() -> None:
    both = [residual_product_ps(*residuals(200, s), draws=199, rng=np.random.default_rng(s)) for s in range(300)]
    for p in np.array(both).T:
        assert (p <= 0.05).mean() <= 0.05 + 3 * np.sqrt(0.05 / 300)
        assert p.mean() == pytest.approx(0.5, abs=0.08)


def test_weights_see_what_the_mean_does_not() -> None:
    first, second, weights = residuals(400, 1, association=0.5)
    plain, weighted = residual_product_ps(first, second, weights, rng=np.random.default_rng(0))
    assert weighted <= 0.01 < plain


def test_rows_of_one_block_count_once() -> None:
    rng = np.random.default_rng(3)
    rejected = np.zeros(2)
    for seed in range(60):
        first, second, weights = (np.repeat(column, 12, axis=0) for column in residuals(25, seed))
        blocks = np.repeat(np.arange(25), 12)
        rejected += [
            residual_product_ps(first, second, weights, blocks=chosen, draws=199, rng=rng)[0] <= 0.05
            for chosen in (None, blocks)
        ]
    assert rejected[0] > 25
    assert rejected[1] <= 9


def test_no_residual_is_no_evidence() -> None:
    ones = np.ones((9, 1))
    assert residual_product_ps(np.zeros(9), ones, ones, rng=np.random.default_rng(0)) == (1.0, 1.0)
