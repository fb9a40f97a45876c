"""The weighted tau against scipy's, with ties; its interval against a world with a known answer."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import weightedtau

from headstart.errors import DataError
from headstart.stats.rank_agreement import mean_weighted_tau, weighted_tau


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=2, max_size=12))
def test_equals_scipy(pairs: list[tuple[int, int]]) -> None:
    x, y = (np.array(side, dtype=float) for side in zip(*pairs, strict=True))
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        assert np.isnan(weighted_tau(x, y))
    else:
        assert weighted_tau(x, y) == pytest.approx(weightedtau(x, y).statistic, abs=1e-12)


def test_a_mistake_at_the_top_weighs_more() -> None:
    truth = [5, 4, 3, 2, 1]
    assert weighted_tau([4, 5, 3, 2, 1], truth) < weighted_tau([5, 4, 3, 1, 2], truth)


def test_mean_over_tasks_has_an_interval() -> None:
    rng = np.random.default_rng(0)
    truth = [rng.normal(size=8) for _ in range(30)]
    right = mean_weighted_tau([each + 0.1 * rng.normal(size=8) for each in truth], truth)
    blind = mean_weighted_tau([rng.normal(size=8) for _ in truth], truth)
    assert right.low > 0.7
    assert blind.low < 0 < blind.high
    assert mean_weighted_tau([np.ones(8)] * 30, truth).value == 0  # no opinion is no agreement
    assert mean_weighted_tau(truth[:2], [truth[0], np.ones(8)]).value == 1
    three = [[3, 2, 1], [1, 2, 3], [1, 2, 3]], [[3, 2, 1]] * 3
    assert mean_weighted_tau(*three).value == pytest.approx(-1 / 3)
    assert mean_weighted_tau(*three, tasks=["a", "b", "b"]).value == 0  # two runs of one task are one task


def test_says_what_is_wrong() -> None:
    with pytest.raises(DataError, match=r"at least 2 scores each must match, got shapes \(3,\) and \(2,\)"):
        weighted_tau([1, 2, 3], [1, 2])
    with pytest.raises(DataError, match="scores must be finite"):
        weighted_tau([1, np.nan], [1, 2])
    with pytest.raises(DataError, match="1 tasks were predicted and 0 have a truth"):
        mean_weighted_tau([[1, 2]], [])
    with pytest.raises(DataError, match="no task has candidates that differ"):
        mean_weighted_tau([[1, 2]], [[1, 1]])
