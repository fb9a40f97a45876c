"""Chance is what permuted labels score."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.selection.chance import above_chance, corrected


def test_takes_off_the_mean_over_permutations() -> None:
    codes = np.repeat([0, 1], 50)
    right = np.repeat([0.0, 1.0], 50)
    found = above_chance(lambda labels: float((labels == right).mean()), codes, np.random.default_rng(0), times=200)
    assert found == pytest.approx(0.5, abs=0.02)
    assert above_chance(lambda labels: 3.0, codes, np.random.default_rng(0)) == 0.0


def test_a_ceiling_makes_it_a_share() -> None:
    assert corrected(0.9, 0.5, 1.0) == pytest.approx(0.8)
    assert corrected(0.9, 0.5, None) == pytest.approx(0.4)
    assert corrected(-0.2, -1.0, 0.0) == pytest.approx(0.8)
    assert corrected(1.0, 1.0, 1.0) == 0.0
