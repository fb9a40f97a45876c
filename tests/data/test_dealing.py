"""Shares are exact where units are single rows, and as close as the units allow where they are not."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.data.dealing import Dealer
from headstart.data.reading import read


def dealer(labels: list[int], groups: list[int] | None = None) -> Dealer:
    return Dealer(read(([f"text {row}" for row in range(len(labels))], labels), group=groups), seed=0)


counts = st.lists(st.integers(2, 40), min_size=2, max_size=6)


@settings(max_examples=30, deadline=None)
@given(counts, st.sampled_from([0.1, 0.25, 0.5, 0.8]))
def test_every_class_gives_its_share_within_one_row(counts: list[int], share: float) -> None:
    labels = [label for label, count in enumerate(counts) for _ in range(count)]
    held = dealer(labels).hold_out(np.arange(len(labels)), share)
    taken = np.bincount(np.array(labels)[held], minlength=len(counts))
    for count, got in zip(counts, taken, strict=True):
        assert 1 <= got < count
        assert abs(got - share * count) <= 1


def test_rounding_evens_out_over_many_small_classes() -> None:
    """100 classes of 6: each would round 1.5 the same way; together they must give 150, not 100 or 200."""
    labels = [label for label in range(100) for _ in range(6)]
    assert abs(dealer(labels).hold_out(np.arange(600), 0.25).sum() - 150) <= 2


@settings(max_examples=30, deadline=None)
@given(counts, st.integers(2, 8))
def test_folds_hold_every_class_within_one_row(counts: list[int], folds: int) -> None:
    labels = np.array([label for label, count in enumerate(counts) for _ in range(count)])
    dealt = dealer(labels.tolist()).deal(np.arange(len(labels)), folds)
    for label, count in enumerate(counts):
        per_fold = [int((labels[score] == label).sum()) for _, score in dealt]
        assert sum(per_fold) == count
        assert max(per_fold) <= math.ceil(count / min(folds, len(labels)))
        if len(dealt) == min(folds, len(labels)):
            assert min(per_fold) >= count // folds


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5)), min_size=2, max_size=30), st.integers(2, 6))
def test_no_fold_holds_everything(rows: list[tuple[int, int]], folds: int) -> None:
    found = dealer([label for label, _ in rows], [group for _, group in rows])
    everything = np.arange(len(rows))
    if found.n_units(everything) < 2:
        return
    dealt = found.deal(everything, folds)
    assert len(dealt) >= 2
    assert all(len(fit) and len(score) for fit, score in dealt)


def test_equal_groups_are_dealt_evenly() -> None:
    labels = [group % 2 for group in range(10) for _ in range(7)]
    groups = [group for group in range(10) for _ in range(7)]
    assert [len(score) for _, score in dealer(labels, groups).deal(np.arange(70), 5)] == [14] * 5


def test_a_huge_group_is_not_held_out() -> None:
    labels = [0] * 100 + [0, 1] * 30
    groups = [0] * 100 + list(range(1, 61))
    held = dealer(labels, groups).hold_out(np.arange(160), 0.2)
    assert not held[:100].any()
    assert np.array(labels)[held].sum() == 6


@pytest.mark.parametrize("at_least", [1, 6, 10])
def test_folds_are_repeated_differently_until_there_are_enough(at_least: int) -> None:
    dealt = dealer([0, 1] * 20).deal(np.arange(40), 5, at_least=at_least)
    assert len(dealt) == 5 * math.ceil(at_least / 5)
    assert len({tuple(score) for _, score in dealt}) == len(dealt)
