"""Interval plot: whiskers and markers stand where the axis says their values are."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.reports.charts.intervals import describe, interval_axis, interval_row, interval_scale
from headstart.reports.charts.scale import Scale
from headstart.results import Interval

NAN = float("nan")


def place(text: str | None) -> float:
    assert text is not None and text.endswith("%")
    return float(text[:-1])


def axis_line(scale: Scale) -> tuple[float, float]:
    """Slope and offset from value to percent, read off the printed numbers of the axis alone."""
    numbers = ElementTree.fromstring(interval_axis(scale)).findall("text")
    values, places = [float(n.text or "") / 100 for n in numbers], [place(n.get("x")) for n in numbers]
    slope, offset = np.polyfit(values, places, 1)
    return float(slope), float(offset)


def drawn(interval: Interval, scale: Scale, *, null: bool = False, chosen: bool = False) -> ElementTree.Element:
    return ElementTree.fromstring(interval_row(interval, scale, name="x", null=null, chosen=chosen))


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 0.3), st.floats(0, 0.3)), min_size=1, max_size=6), st.booleans()
)
def test_everything_stands_where_the_axis_says(rows: list[tuple[float, float, float]], null: bool) -> None:
    intervals = [Interval(value, max(value - down, 0), min(value + up, 1)) for value, down, up in rows]
    scale = interval_scale(intervals)
    slope, offset = axis_line(scale)
    for interval in intervals:
        row = drawn(interval, scale, null=null)
        marker = next(e for e in row if (e.get("class") or "").startswith("marker"))
        whisker = next(e for e in row if (e.get("class") or "").startswith("whisker"))
        expected = [slope * v + offset for v in (interval.value, interval.low, interval.high)]
        found = [place(marker.get("cx") or marker.get("x")), place(whisker.get("x1")), place(whisker.get("x2"))]
        assert found == pytest.approx(expected, abs=0.05)
        assert all(0 <= at <= 100 for at in found)


def test_the_chosen_interval_and_scratch_run_through_every_row() -> None:
    chosen, other = Interval(0.9, 0.85, 0.95), Interval(0.6, 0.5, 0.7)
    scale = interval_scale([chosen, other])
    slope, offset = axis_line(scale)
    row = ElementTree.fromstring(interval_row(other, scale, name="x", reference=chosen, baseline=0.6))
    shaded = next(e for e in row if e.get("class") == "shade")
    assert place(shaded.get("x")) == pytest.approx(slope * 0.85 + offset, abs=0.05)
    assert place(shaded.get("width")) == pytest.approx(slope * 0.1, abs=0.05)
    baseline = next(e for e in row if e.get("class") == "baseline")
    assert place(baseline.get("x1")) == place(baseline.get("x2")) == pytest.approx(slope * 0.6 + offset, abs=0.05)


def test_nulls_and_the_chosen_differ_in_shape_not_only_in_colour() -> None:
    interval = Interval(0.6, 0.5, 0.7)
    scale = interval_scale([interval])
    kinds = [{}, {"chosen": True}, {"null": True}, {"null": True, "chosen": True}]
    markers = [list(drawn(interval, scale, **kind))[-1] for kind in kinds]
    shapes = {(marker.tag, marker.get("r") or marker.get("width")) for marker in markers}
    assert len(shapes) == 4 and {marker.tag for marker in markers} == {"circle", "rect"}


def test_an_unknown_value_draws_no_marker_and_an_unknown_range_no_whisker() -> None:
    scale = interval_scale([Interval(0.6, 0.5, 0.7), Interval(NAN, NAN, NAN)])
    nothing = [e.get("class") for e in drawn(Interval(NAN, NAN, NAN), scale)]
    assert set(nothing) == {None, "grid"}  # title, desc and the grid
    lone = [str(e.get("class")).split()[0] for e in drawn(Interval(0.6, NAN, NAN), scale)]
    assert "marker" in lone and "whisker" not in lone and "cap" not in lone


def test_in_words() -> None:
    assert describe(Interval(0.9, 0.8, 0.95)) == "accuracy 90.0 percent, 95 percent interval 80.0 to 95.0"
    assert describe(Interval(0.9, NAN, NAN)) == "accuracy 90.0 percent"
    assert describe(Interval(NAN, NAN, NAN)) == "accuracy not known"
