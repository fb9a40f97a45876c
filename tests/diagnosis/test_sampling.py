"""Which rows are looked at."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from headstart.diagnosis.sampling import MOST_ROWS, joint_groups, known_of, sample_of
from headstart.diagnosis.side import Side
from headstart.diagnosis.space import common_space

from .pairs import pair


def test_known_rows_are_labelled_shared_and_not_leaked() -> None:
    source, target = pair(60)
    sample = sample_of(source, target, (np.arange(60), np.arange(60)))
    leaked = np.arange(60) < 10, np.arange(60) < 20
    labels = np.where(np.arange(60) < 30, -1, target.labels)
    known = known_of(
        source, replace(target, labels=labels), ("no", "yes"), sample.space, leaked, np.random.default_rng(0)
    )
    assert [len(side) for side in known.labels] == [50, 30]
    np.testing.assert_array_equal(known.labels[1], target.labels[30:])
    only = known_of(source, target, ("yes",), sample.space, leaked, np.random.default_rng(0))
    assert set(only.labels[0].tolist()) == {0}
    assert not only.usable


def test_codes_follow_names_not_numbers() -> None:
    source = Side.of(np.eye(4), ["b", "a", "b", "a"])
    target = Side.of(np.eye(4), ["c", "b", "b", "a"])
    sample = sample_of(source, target, (np.arange(4), np.arange(4)))
    none = np.zeros(4, dtype=bool), np.zeros(4, dtype=bool)
    known = known_of(source, target, ("a", "b"), sample.space, none, np.random.default_rng(0))
    assert known.labels[1].tolist() == [1, 1, 0]


def test_a_side_without_groups_has_one_per_row() -> None:
    source, target = pair(3)
    groups = joint_groups((replace(source, groups=np.array(["g", "g", "h"])), target))
    assert groups is not None
    assert groups[0].tolist() == ["g", "g", "h"]
    assert len(set(groups[1].tolist())) == 3
    assert joint_groups((source, target)) is None


def test_shares_are_counted_over_all_rows_not_the_sample() -> None:
    rng = np.random.default_rng(0)
    X, labels = rng.standard_normal((MOST_ROWS + 500, 2)), np.repeat(["a", "b"], [2000, MOST_ROWS - 1500])
    source, target = Side.of(X, labels), Side.of(X[:100] + 1, labels[:100])
    space = common_space(source.X, target.X)
    leaked = np.zeros(len(X), dtype=bool), np.arange(100) < 10
    known = known_of(source, target, ("a", "b"), space, leaked, rng)
    assert [len(side) for side in known.labels] == [MOST_ROWS, 90]
    assert known.every is not None
    assert np.bincount(known.every[0]).tolist() == [2000, MOST_ROWS - 1500]
    assert len(known.every[1]) == 100
