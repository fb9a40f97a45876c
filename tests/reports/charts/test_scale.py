"""Scales are straight lines (in value or logarithm), ticks are round and inside."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.reports.charts.scale import Scale, share_range, ticks


@settings(max_examples=30, deadline=None)
@given(low=st.floats(-1e3, 1e3), width=st.floats(1e-3, 1e3), part=st.floats(0, 1))
def test_a_scale_interpolates(low: float, width: float, part: float) -> None:
    assert Scale(low, low + width, 10, 250)(low + part * width) == pytest.approx(10 + 240 * part, abs=1e-6)


def test_equal_ratios_are_equal_steps_on_a_logarithmic_scale() -> None:
    scale = Scale(10, 1000, 0, 100, logarithmic=True)
    assert [scale(n) for n in (10, 100, 1000)] == pytest.approx([0, 50, 100])


def test_values_outside_are_held_at_the_ends_and_an_empty_range_is_the_middle() -> None:
    assert (Scale(0, 1, 0, 100)(7), Scale(0, 1, 0, 100)(-7), Scale(3, 3, 0, 100)(3)) == (100, 0, 50)


@settings(max_examples=30, deadline=None)
@given(low=st.floats(0, 0.95), width=st.floats(0.02, 1), most=st.integers(3, 8))
def test_ticks_are_few_round_and_inside(low: float, width: float, most: int) -> None:
    shown = ticks(low, low + width, most)
    assert len(shown) <= most
    assert all(low - 1e-6 <= tick <= low + width + 1e-6 for tick in shown)
    steps = {round(b - a, 9) for a, b in pairwise(shown)}
    assert len(steps) <= 1
    for step in steps:
        leading = step / 10 ** math.floor(math.log10(step) + 1e-9)
        assert any(leading == pytest.approx(factor, rel=1e-6) for factor in (1, 2, 5))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.one_of(st.floats(0, 1), st.just(float("nan"))), max_size=8))
def test_the_range_holds_all_values_within_zero_and_one(values: list[float]) -> None:
    low, high = share_range(values)
    assert 0 <= low < high <= 1 and high - low >= 0.09
    assert all(low - 1e-9 <= value <= high + 1e-9 for value in values if not math.isnan(value))
