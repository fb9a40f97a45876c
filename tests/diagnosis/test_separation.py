"""Telling the sides apart: AUC, what is left after re-weighting, support."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from headstart.diagnosis.separation import domain_proba, outside_support, separation


def normal(n: int, seed: int, shift: float = 0.0) -> np.ndarray:
    X = np.random.default_rng(seed).standard_normal((n, 4))
    X[:, 0] += shift
    return X


def test_auc_and_effective_share_are_those_of_two_normals() -> None:
    found = separation(normal(1500, 1), normal(1500, 2, 1.0), rng=np.random.default_rng(0))
    assert found.auc.value == pytest.approx(norm.cdf(1 / np.sqrt(2)), abs=0.025)
    assert found.effective_share == pytest.approx(np.exp(-1), abs=0.12)  # 1/(1 + chi²) of a unit shift
    assert found.proxy_a_distance == pytest.approx(2 * (2 * found.auc.value - 1))


def test_nothing_to_tell_apart() -> None:
    found = separation(normal(500, 1), normal(400, 2), rng=np.random.default_rng(0))
    assert found.auc.value == pytest.approx(0.5, abs=0.06)
    assert found.effective_share > 0.9
    assert found.outside.low <= 0.01 <= found.outside.high


def test_a_curved_difference_is_seen_too() -> None:
    wide = normal(700, 2)
    wide *= 1.6
    assert separation(normal(700, 1), wide, rng=np.random.default_rng(0)).auc.value > 0.65


def test_probabilities_are_those_of_balanced_sides() -> None:
    source, target = domain_proba(normal(2000, 1), normal(200, 2), rng=np.random.default_rng(0))
    assert np.median(source) == pytest.approx(0.5, abs=0.03)
    assert np.median(target) == pytest.approx(0.5, abs=0.03)


def test_far_rows_lie_outside_the_support() -> None:
    target = normal(200, 2)
    target[:50] += 10
    found = outside_support(normal(400, 1), target, rng=np.random.default_rng(0))
    assert found.value == pytest.approx(0.25, abs=0.03)
    assert found.low < 0.25 < found.high


def test_groups_stay_together() -> None:
    """Objects that repeat within a side would otherwise be recognised one by one."""
    rng = np.random.default_rng(3)
    centres = rng.standard_normal((40, 10)) * 3
    rows = np.repeat(centres, 15, axis=0) + 0.05 * rng.standard_normal((600, 10))
    groups = np.repeat(np.arange(40), 15)
    grouped = separation(rows[:300], rows[300:], groups=(groups[:300], groups[300:]), rng=rng)
    alone = separation(rows[:300], rows[300:], rng=rng)
    assert alone.auc.value > grouped.auc.value + 0.2
    assert grouped.auc.high - grouped.auc.low > alone.auc.high - alone.auc.low
