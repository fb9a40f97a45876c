"""Label distances, effective sample size and AUC against independent computations."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import power_divergence
from sklearn.metrics import roc_auc_score

from headstart.stats.divergence import auc_interval, effective_share, g_test, total_variation


def test_g_statistic_is_twice_the_log_likelihood_ratio() -> None:
    counts = np.array([[30.0, 50, 20, 0], [45.0, 40, 15, 0]])
    expected = counts[:, :3].sum(1, keepdims=True) * counts[:, :3].sum(0) / counts.sum()
    assert g_test(counts).g == pytest.approx(
        power_divergence(counts[:, :3], expected, axis=None, lambda_="log-likelihood").statistic
    )


def test_v_is_zero_for_equal_shares_and_one_for_disjoint_classes() -> None:
    assert g_test(np.array([[50, 50], [50, 50]])).cramers_v == 0
    assert g_test(np.array([[500, 0], [0, 500]])).cramers_v == pytest.approx(1, abs=0.01)
    assert g_test(np.array([[5, 0], [9, 0]])).p == 1.0


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 6), min_size=2, max_size=25), st.lists(st.integers(0, 6), min_size=2, max_size=25))
def test_auc_is_that_of_scikit_learn_with_ties(lower: list[int], upper: list[int]) -> None:
    truth = np.repeat([0, 1], [len(lower), len(upper)])
    found = auc_interval(np.array(lower, float), np.array(upper, float))
    assert found.value == pytest.approx(roc_auc_score(truth, lower + upper))
    assert found.low <= found.value <= found.high


def test_the_auc_interval_covers() -> None:
    rng = np.random.default_rng(0)
    from scipy.stats import norm

    truth, inside = norm.cdf(0.5 / np.sqrt(2)), 0
    for _ in range(400):
        found = auc_interval(rng.standard_normal(80), rng.standard_normal(60) + 0.5)
        inside += found.low <= truth <= found.high
    assert 0.91 < inside / 400 < 0.985


def test_groups_widen_the_auc_interval() -> None:
    rng = np.random.default_rng(1)
    groups = np.repeat(np.arange(10), 20)
    lower, upper = (np.repeat(rng.standard_normal(10), 20) for _ in range(2))
    alone, grouped = auc_interval(lower, upper), auc_interval(lower, upper, groups=(groups, groups))
    assert grouped.high - grouped.low > 3 * (alone.high - alone.low)


def test_effective_share_counts_equal_rows() -> None:
    assert effective_share(np.ones(7)) == 1
    assert effective_share(np.r_[1.0, np.zeros(9)]) == pytest.approx(0.1)
    assert effective_share(np.r_[np.ones(5), np.zeros(5)]) == pytest.approx(0.5)


def test_total_variation_is_the_largest_difference_of_any_set() -> None:
    p, q = np.array([0.1, 0.4, 0.5]), np.array([0.3, 0.3, 0.4])
    sets = [[bool(code >> bit & 1) for bit in range(3)] for code in range(8)]
    assert total_variation(p, q) == pytest.approx(max(abs(p[s].sum() - q[s].sum()) for s in sets))
