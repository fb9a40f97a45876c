"""MMD against the double sum of its definition, and no bias when nothing differs."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.stats.kernels import random_features
from headstart.stats.mmd import mmd2, mmd2_of_sums, spread_between_halves


def test_it_is_the_unbiased_double_sum() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((6, 2)), rng.standard_normal((5, 2)) + 1

    def k(a: np.ndarray, b: np.ndarray) -> float:
        return float(np.exp(-((a - b) ** 2).sum() / (2 * 0.8**2)))

    brute = (
        np.mean([k(x[i], x[j]) for i in range(6) for j in range(6) if i != j])
        + np.mean([k(y[i], y[j]) for i in range(5) for j in range(5) if i != j])
        - 2 * np.mean([k(a, b) for a in x for b in y])
    )
    assert mmd2(x, y, bandwidth=0.8) == pytest.approx(brute)


def test_sums_of_random_features_approach_it() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.standard_normal((60, 3)), rng.standard_normal((50, 3)) + 0.7
    waves = random_features(np.concatenate([x, y]), 1.5, count=20000, rng=rng)
    assert mmd2_of_sums(waves[:60].sum(0), 60, waves[60:].sum(0), 50) == pytest.approx(
        mmd2(x, y, bandwidth=1.5), abs=0.01
    )


def test_it_is_zero_on_average_when_nothing_differs() -> None:
    rng = np.random.default_rng(2)
    values = [mmd2(rng.standard_normal((20, 2)), rng.standard_normal((20, 2)), bandwidth=1.0) for _ in range(300)]
    assert abs(np.mean(values)) < 3.5 * np.std(values) / np.sqrt(300)


def test_halves_of_one_sample_spread_around_zero() -> None:
    rng = np.random.default_rng(3)
    waves = random_features(rng.standard_normal((200, 3)), 1.5, count=200, rng=rng)
    values = spread_between_halves(waves, rng=rng)
    assert abs(values.mean()) < 0.2 * np.quantile(values, 0.95)
