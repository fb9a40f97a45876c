"""Learning curves: nested stratified shares, and accuracy that follows what was learnt."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np

from headstart.arrays import Matrix, Rows
from headstart.strategies.curves import learning_curve, stratified_share
from headstart.strategies.nulls import majority

from .worlds import blobs, entry_with, ground_of


def test_shares_are_nested_and_keep_every_class() -> None:
    ground = ground_of(blobs(300, classes=5))
    shares = [set(stratified_share(ground.train, ground, share)) for share in (0.01, 0.1, 0.5, 1.0)]
    assert all(small <= large for small, large in itertools.pairwise(shares))
    assert shares[-1] == set(ground.train)
    assert {ground.labels[row] for row in shares[0]} == set(range(5))


def test_a_learner_that_remembers_its_rows_climbs() -> None:
    ground = ground_of(blobs(400))

    def refit(fit: Rows, score: Rows) -> Matrix:
        """Right on a share of the held-out rows that grows with what it saw."""
        known = np.arange(len(score)) < len(score) * len(fit) / len(ground.train)
        labels = np.where(known, ground.labels[score], 1 - ground.labels[score])
        return np.eye(2)[labels]

    entry = dataclasses.replace(entry_with(ground, np.arange(0)), refit=refit)
    curve = learning_curve(entry, ground)
    assert [point.n for point in curve] == sorted({point.n for point in curve})
    assert curve[-1].n == len(ground.train)
    assert np.all(np.diff([point.accuracy.value for point in curve]) > 0)
    for point in curve:
        assert abs(point.accuracy.value - point.n / len(ground.train)) < 0.02


def test_the_majority_class_has_a_flat_curve() -> None:
    ground = ground_of(blobs(300, classes=3))
    values = [point.accuracy.value for point in learning_curve(majority(ground), ground)]
    assert max(values) - min(values) < 0.05
