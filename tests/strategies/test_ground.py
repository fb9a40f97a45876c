"""Rows, folds and gains that every entry shares."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.strategies.ground import correctness

from .worlds import blobs, entry_with, ground_of


def test_local_folds_are_the_folds_in_training_positions() -> None:
    ground = ground_of(blobs(300))
    for (fit, score), (local_fit, local_score) in zip(ground.split.folds, ground.local_folds, strict=True):
        assert np.array_equal(ground.train[local_fit], fit)
        assert np.array_equal(ground.train[local_score], score)


def test_correctness_by_hand() -> None:
    proba = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]])
    assert np.array_equal(correctness(proba, np.array([0, 0, 0])), [1, 0, 1])


def test_the_gain_over_itself_is_zero_and_its_sign_is_that_of_the_better() -> None:
    ground = ground_of(blobs(400))
    good, bad = entry_with(ground, np.arange(0)), entry_with(ground, np.arange(0))
    bad.test[:30] = bad.test[:30, ::-1]
    assert good.gain_over(good, ground).value == 0
    gain = good.gain_over(bad, ground)
    assert gain.value == pytest.approx(30 / len(ground.test))
    assert gain.low > 0
    assert bad.gain_over(good, ground).value == pytest.approx(-gain.value)
