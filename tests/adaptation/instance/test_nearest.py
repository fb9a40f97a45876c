"""Neighbour counts against a loop, also where single precision cannot tell neighbours apart; the pseudo-count against a
grid."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import dirichlet_multinomial

from headstart.adaptation.instance.nearest import NearestRatio, likeliest_pseudo_count, nearest_rows, neighbour_counts
from headstart.errors import DataError
from headstart.heads.lda import LDA

from ..worlds import moved, same


def test_counts_are_those_of_a_loop() -> None:
    rng = np.random.default_rng(0)
    Xs, Xt = rng.normal(size=(30, 4)), rng.normal(size=(1500, 4))
    expected = np.zeros(30)
    for row in Xt:
        expected[np.linalg.norm(Xs - row, axis=1).argmin()] += 1
    np.testing.assert_array_equal(neighbour_counts(Xs, Xt), expected)


@pytest.mark.parametrize("apart", [1e-3, 1e-6, 1e-9])
def test_neighbours_closer_than_single_precision_are_told_apart(apart: float) -> None:
    rng = np.random.default_rng(0)
    first = rng.normal(size=(20, 5))
    anchors = np.concatenate([first, first + apart * rng.normal(size=(20, 5)), first])
    rows = anchors[:40] + 0.1 * apart * rng.normal(size=(40, 5))
    expected = [np.linalg.norm(anchors - row, axis=1).argmin() for row in rows]
    np.testing.assert_array_equal(nearest_rows(rows, anchors), expected)


@pytest.mark.parametrize("counts", [[0, 0, 9, 1, 0, 2], [5, 7, 6, 8, 4, 6], [30, 0, 0, 0, 0, 0, 1]])
def test_the_pseudo_count_is_the_likeliest_of_a_grid(counts: list[int]) -> None:
    found = likeliest_pseudo_count(np.array(counts, dtype=float))

    def likelihood(each: float) -> float:
        return float(dirichlet_multinomial(np.full(len(counts), each), sum(counts)).logpmf(counts))

    assert all(likelihood(found) >= likelihood(each) - 1e-4 for each in np.exp(np.linspace(-7, 7, 300)))


def test_it_smooths_less_the_further_the_target_lies_apart() -> None:
    near, far = same(200), moved(200)
    found = [NearestRatio(smoothing=None, least_effective=0.0, head=LDA()).fit(pair.Xs, pair.ys, pair.Xt).smoothing_
             for pair in (near, far)]  # fmt: skip
    assert found[0] > 2 * found[1]
    with pytest.raises(DataError, match="smoothing must not be negative"):
        NearestRatio(smoothing=-1.0).fit(near.Xs, near.ys, near.Xt)


def test_a_class_that_no_target_row_is_near_does_not_stop_the_head() -> None:
    pair = same(150)
    adapter = NearestRatio(least_effective=0.0, head=LDA()).fit(pair.Xs, pair.ys, pair.Xs[pair.ys > 0])
    assert set(adapter.predict(pair.Xs[pair.ys > 0])) <= {1, 2}
    assert adapter.weights_[pair.ys == 0].max() == 0
