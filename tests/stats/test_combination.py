"""Combined and adjusted p-values."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.stats.combination import bonferroni, cauchy


def test_cauchy_keeps_small_levels_even_for_dependent_tests() -> None:
    rng = np.random.default_rng(0)
    from scipy.stats import norm

    shared = rng.standard_normal((20000, 1))
    z = 0.8 * shared + 0.6 * rng.standard_normal((20000, 3))
    combined = np.array([cauchy(row) for row in norm.sf(z)])
    assert (combined <= 0.01).mean() == pytest.approx(0.01, abs=0.003)


def test_a_p_of_one_does_not_cancel_a_small_one() -> None:
    assert cauchy([0.005, 1.0]) < 0.02


def test_bonferroni_counts_every_question() -> None:
    assert bonferroni({"a": 0.005, "b": 0.2, "c": 0.5}) == pytest.approx({"a": 0.015, "b": 0.6, "c": 1.0})
    assert bonferroni({}) == {}
