"""Two strategies compared on the same rows."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.planning.foretold import gain, p_below_zero, standard_error
from headstart.results import Interval
from headstart.stats.intervals import paired_gain

from .worlds import foretold

RNG = np.random.default_rng(0)
A, B = (RNG.random(100) < 0.8).astype(float), (RNG.random(100) < 0.6).astype(float)


def test_rows_that_both_judged_are_paired() -> None:
    found, expected = gain(foretold("frozen", A), foretold("scratch", B)), paired_gain(A, B)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
    half = A.copy()
    half[:50] = np.nan
    partly = gain(foretold("frozen", half), foretold("scratch", B))
    assert partly is not None
    width = paired_gain(A[50:], B[50:])
    assert partly.high - partly.low == pytest.approx(width.high - width.low)


def test_without_common_rows_errors_add_up() -> None:
    found = gain(foretold("frozen", 0.8), foretold("scratch", B))
    assert found is not None
    assert found.high - found.low == pytest.approx(2 * np.hypot(0.05, 0.05))
    assert gain(foretold("frozen", 0.8), foretold("scratch", 0.5).with_(accuracy=None)) is None


def test_the_risk_is_the_tail_below_zero() -> None:
    assert p_below_zero(Interval(0.0, -0.1, 0.1)) == pytest.approx(0.5)
    assert p_below_zero(Interval(0.1, 0.0, 0.2)) == pytest.approx(0.025, abs=1e-3)
    assert p_below_zero(Interval(0.1, 0.1, 0.1)) == 0.0
    assert standard_error(Interval(0.0, -1.959964, 1.959964)) == pytest.approx(1)
