"""Relabelled contrasts and the min-p combination: identities, exact level, blocks and strata."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.stats.permutation import contrasts, distinct_relabellings, min_p


def test_the_first_contrast_is_the_difference_of_means() -> None:
    rng = np.random.default_rng(1)
    is_target = np.array([True, False, False, True, False])
    values = rng.standard_normal((5, 3))
    signs = contrasts(is_target, permutations=4, rng=rng)
    assert signs.shape == (5, 5)
    np.testing.assert_allclose(signs[:, 0] @ values, values[is_target].mean(0) - values[~is_target].mean(0), atol=1e-6)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 4), min_size=6, max_size=30), st.integers(0, 99))
def test_rows_of_a_block_are_dealt_out_together(names: list[int], seed: int) -> None:
    blocks = np.array(names)
    is_target = blocks >= 2
    if is_target.all() or not is_target.any():
        return
    signs = contrasts(is_target, blocks=blocks, permutations=20, rng=np.random.default_rng(seed))
    for block in np.unique(blocks):
        rows = signs[blocks == block]
        assert (rows == rows[0]).all()
    np.testing.assert_allclose(signs.sum(axis=0), 0, atol=1e-5)


def test_strata_keep_their_share_of_each_side() -> None:
    rng = np.random.default_rng(0)
    strata = np.repeat([0, 1, 2], [6, 8, 3])
    is_target = np.r_[np.repeat([0, 1], [2, 4]), np.repeat([0, 1], [6, 2]), np.zeros(3)].astype(bool)
    signs = contrasts(is_target, strata=strata, permutations=50, rng=rng)
    for stratum, targets in ((0, 4), (1, 2)):
        assert ((signs[strata == stratum] > 0).sum(axis=0) == targets).all()
    assert (signs[strata == 2] == 0).all(), "a stratum that one side lacks carries no weight"


def test_relabellings_are_counted_in_blocks() -> None:
    assert distinct_relabellings(np.array([0, 0, 1, 1], dtype=bool)) == 6
    assert distinct_relabellings(np.array([0, 0, 1, 1], dtype=bool), np.array([7, 7, 9, 9])) == 2


def test_min_p_is_uniform_when_all_columns_are_alike() -> None:
    rng = np.random.default_rng(3)
    p = np.array([min_p(rng.standard_normal((8, 100)) ** 2).p for _ in range(2000)])
    for level in (0.01, 0.05, 0.2):
        assert (p <= level).mean() == pytest.approx(level, abs=4 * np.sqrt(level / 2000))


def test_min_p_of_one_statistic_is_its_own_p() -> None:
    values = np.array([[2.0, 1.0, 5.0, 0.5, 2.0]])
    assert min_p(values).p == min_p(values).each[0] == 3 / 5


def test_one_clear_statistic_among_many_gives_the_smallest_p() -> None:
    rng = np.random.default_rng(5)
    values = rng.standard_normal((10, 400))
    values[4, 0] = 30.0
    assert min_p(values).p == 1 / 400


def test_constant_statistics_say_nothing() -> None:
    assert min_p(np.ones((3, 50))).p == 1.0
