"""Chance is what permuted labels score."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.selection.chance import above_chance


def test_takes_off_the_mean_over_permutations() -> None:
    codes = np.repeat([0, 1], 50)
    right = np.repeat([0.0, 1.0], 50)
    found = above_chance(lambda labels: float((labels == right).mean()), codes, np.random.default_rng(0), times=200)
    assert found == pytest.approx(0.5, abs=0.02)
    assert above_chance(lambda labels: 3.0, codes, np.random.default_rng(0)) == 0.0
