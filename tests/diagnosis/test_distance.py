"""Distances of the marginals over all rows: against direct computation, block size, intervals."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.diagnosis import distance
from headstart.diagnosis.distance import bags, distances
from headstart.diagnosis.side import Side
from headstart.diagnosis.space import common_space


def found(source: np.ndarray, target: np.ndarray, seed: int = 0) -> dict[str, distance.Effect]:
    space = common_space(source, target)
    effects = distances(Side.of(source), Side.of(target), space, rng=np.random.default_rng(seed))
    return {effect.name: effect for effect in effects}


def normal(n: int, seed: int, shift: float = 0.0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((n, 5)) + shift


def test_equal_distributions_lie_within_what_halves_show() -> None:
    effects = found(normal(800, 1), normal(700, 2))
    assert effects["MMD²"].interval.low < 0 < effects["MMD²"].interval.high
    assert effects["shift ratio"].interval.value < 2
    assert effects["sliced Wasserstein"].interval.value < 2 * effects["sliced Wasserstein"].between_halves


def test_a_shift_is_far_beyond_the_halves() -> None:
    effects = found(normal(800, 1), normal(700, 2, 0.7))
    assert effects["MMD²"].interval.low > 0
    assert effects["shift ratio"].interval.low > 3
    assert effects["sliced Wasserstein"].interval.low > 3 * effects["sliced Wasserstein"].between_halves


def test_other_leading_directions_are_a_subspace_distance() -> None:
    rng = np.random.default_rng(0)
    first, second = rng.standard_normal((500, 20)), rng.standard_normal((500, 20))
    first[:, :10] *= 5
    second[:, 10:] *= 5
    effects = found(first, second)
    assert effects["subspace distance"].interval.low > 2 * effects["subspace distance"].between_halves


def test_the_size_of_blocks_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    before = found(normal(300, 1), normal(250, 2, 0.3))
    monkeypatch.setattr(distance, "CHUNK", 37)
    after = found(normal(300, 1), normal(250, 2, 0.3))
    for name, effect in before.items():
        assert after[name].interval.value == pytest.approx(effect.interval.value, rel=1e-3, abs=1e-6)


def test_intervals_cover_and_shrink_with_rows() -> None:
    few, many = (found(normal(n, 1), normal(n, 2, 0.5))["MMD²"].interval for n in (150, 2400))
    assert many.high - many.low < 0.5 * (few.high - few.low)
    assert few.low < many.value < few.high


def test_groups_share_a_bag() -> None:
    groups = np.repeat(np.arange(13), 4)
    side = Side.of(np.zeros((52, 1)), groups=groups)
    bag_of = bags(side, np.random.default_rng(0))
    assert all(len(set(bag_of[groups == group].tolist())) == 1 for group in range(13))
