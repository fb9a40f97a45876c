"""The law behind a learning curve."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.stats.power_law import power_law


def test_a_power_law_is_found_again() -> None:
    n = np.array([10.0, 40, 160])
    floor, slope, exponent = power_law(n, 0.1 + 0.8 * n**-0.5)
    assert (floor, slope, exponent) == pytest.approx((0.1, 0.8, 0.5), abs=1e-6)


def test_errors_that_do_not_fall_are_a_floor() -> None:
    floor, slope, _ = power_law(np.array([10.0, 40, 160]), np.array([0.3, 0.3, 0.3]))
    assert floor + slope * 1000**-0.5 == pytest.approx(0.3, abs=0.02)


def test_a_law_never_promises_less_than_no_error() -> None:
    floor, slope, _ = power_law(np.array([10.0, 20, 40]), np.array([0.4, 0.1, 0.0]))
    assert min(floor, slope) >= 0
