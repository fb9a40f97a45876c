"""The generalised covariance measure: level without association, power with it, blocks."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.stats.residual_products import largest_product_p


def residuals(n: int, seed: int, association: float = 0.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    z = rng.standard_normal((n, 3))
    first = rng.standard_normal(n) * (1 + z[:, 0] ** 2)
    second = rng.standard_normal((n, 2))
    second[:, 0] += association * first * z[:, 1]  # covariance zero on average, not at given z
    return first, second, np.c_[np.ones(n), z]


def test_level_holds_with_unequal_variances() -> None:
    p = np.array([largest_product_p(*residuals(200, s), draws=199, rng=np.random.default_rng(s)) for s in range(300)])
    assert (p <= 0.05).mean() <= 0.05 + 3 * np.sqrt(0.05 / 300)
    assert p.mean() == pytest.approx(0.5, abs=0.08)


def test_weights_see_what_the_mean_does_not() -> None:
    first, second, weights = residuals(400, 1, association=0.5)
    rng = np.random.default_rng(0)
    assert largest_product_p(first, second, weights, rng=rng) <= 0.01
    assert largest_product_p(first, second, weights[:, :1], rng=rng) > 0.01


def test_rows_of_one_block_count_once() -> None:
    rng = np.random.default_rng(3)
    rejected = np.zeros(2)
    for seed in range(60):
        first, second, weights = (np.repeat(column, 12, axis=0) for column in residuals(25, seed))
        blocks = np.repeat(np.arange(25), 12)
        rejected += [
            largest_product_p(first, second, weights[:, :1], blocks=chosen, draws=199, rng=rng) <= 0.05
            for chosen in (None, blocks)
        ]
    assert rejected[0] > 25
    assert rejected[1] <= 9


def test_no_residual_is_no_evidence() -> None:
    assert largest_product_p(np.zeros(9), np.ones((9, 1)), np.ones((9, 1)), rng=np.random.default_rng(0)) == 1.0
