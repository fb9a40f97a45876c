"""The omnibus test: exact level, power against every kind of difference, groups, strata, misuse."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.diagnosis.omnibus import omnibus
from headstart.errors import DataError


def normal(n: int, d: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((n, d))


@pytest.mark.parametrize(("n", "d"), [(30, 4), (25, 60)])
def test_level_is_exact_with_more_and_with_fewer_rows_than_columns(n: int, d: int) -> None:
    p = [omnibus(normal(n, d, 2 * i), normal(n, d, 2 * i + 1), permutations=59, seed=i).p for i in range(150)]
    assert 0 <= np.mean(np.array(p) <= 0.1) <= 0.1 + 3.5 * np.sqrt(0.09 / 150)
    assert np.mean(p) == pytest.approx(0.5, abs=0.09)


@pytest.mark.parametrize("difference", ["mean", "scale", "correlation", "cluster", "shape"])
def test_each_kind_of_difference_is_seen(difference: str) -> None:
    source, target = normal(400, 8, 1), normal(400, 8, 2)
    if difference == "mean":
        target[:, 3] += 0.5
    elif difference == "scale":
        target *= 1.3
    elif difference == "correlation":
        target[:, 1] = 0.8 * target[:, 0] + 0.6 * target[:, 1]
    elif difference == "cluster":
        target[:30] += 3.0
    else:
        target[:, 0] = np.sign(target[:, 0])  # same mean and variance
    assert omnibus(source, target).p <= 0.01


def test_one_column_and_constant_sides_are_enough() -> None:
    assert omnibus(normal(200, 1, 1), normal(200, 1, 2)).p > 0.01
    assert omnibus(normal(200, 1, 1), normal(200, 1, 2) + 0.5).p <= 0.01
    assert omnibus(np.ones((30, 3)), 2 * np.ones((30, 3))).p <= 0.01


def test_groups_are_dealt_out_whole() -> None:
    """Rows that repeat one object are no evidence of their own: without groups this null would be rejected."""
    rejected, naive = 0, 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        centres = rng.standard_normal((12, 5))
        rows = np.repeat(centres, 15, axis=0) + 0.1 * rng.standard_normal((180, 5))
        groups = np.repeat(np.arange(12), 15)
        sides = rows[:90], rows[90:]
        rejected += omnibus(*sides, groups=(groups[:90], groups[90:]), permutations=99, seed=seed).p <= 0.05
        naive += omnibus(*sides, permutations=99, seed=seed).p <= 0.05
    assert naive > 35
    assert rejected <= 7


def test_strata_look_past_a_change_of_class_shares() -> None:
    rng = np.random.default_rng(0)
    ys, yt = rng.random(500) < 0.2, rng.random(500) < 0.7
    source, target = (normal(500, 6, seed) + 2.0 * y[:, None] for seed, y in ((1, ys), (2, yt)))
    assert omnibus(source, target).p <= 0.01
    assert omnibus(source, target, strata=(ys, yt)).p > 0.01
    target[yt] += 0.5
    assert omnibus(source, target, strata=(ys, yt)).p <= 0.01


def test_equal_data_and_constant_data_are_no_difference() -> None:
    X = normal(50, 3, 0)
    assert omnibus(X, X.copy()).p > 0.5
    assert omnibus(np.ones((9, 3)), np.ones((7, 3))).p == 1.0


def test_a_large_offset_does_not_hide_a_difference() -> None:
    source, target = normal(300, 4, 1) + 1e7, normal(300, 4, 2) + 1e7
    assert omnibus(source, target).p > 0.01
    assert omnibus(source, target + 0.5).p <= 0.01


def test_too_few_groups_are_said() -> None:
    source, target = normal(40, 3, 1), normal(40, 3, 2) + 5
    groups = np.repeat(["a", "b"], 20), np.repeat(["c", "d"], 20)
    found = omnibus(source, target, groups=groups)
    assert found.smallest == pytest.approx(1 / 6)
    assert found.p > 0.05


def test_only_so_many_rows_are_used() -> None:
    found = omnibus(normal(300, 3, 1), normal(200, 3, 2), most_rows=120)
    assert found.rows == (120, 120)


def test_misuse_is_said() -> None:
    with pytest.raises(DataError, match="source has 3 columns, target 2"):
        omnibus(normal(5, 3, 0), normal(5, 2, 0))
    with pytest.raises(DataError, match="NaN"):
        omnibus(np.full((5, 3), np.nan), normal(5, 3, 0))
    with pytest.raises(DataError, match="groups"):
        omnibus(normal(5, 3, 0), normal(5, 3, 1), groups=(np.arange(4), np.arange(5)))
