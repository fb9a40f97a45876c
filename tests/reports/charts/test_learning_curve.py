"""Learning curves: places follow the numbers, bands hold their lines, unknown points are left out."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest

from headstart.reports.charts.learning_curve import MOST_SERIES, curve_table, learning_curve, series_mark
from headstart.results import Interval
from headstart.strategies.findings import CurvePoint, Findings

NAN = float("nan")


def points(values: dict[int, float], half: float = 0.05) -> tuple[CurvePoint, ...]:
    return tuple(CurvePoint(n=n, accuracy=Interval(v, v - half, v + half)) for n, v in values.items())


def places(drawing: str, kind: str, series: int = 0) -> np.ndarray:
    tree = ElementTree.fromstring(drawing)
    shape = next(e for e in tree if e.get("class") == f"{kind} series-{series}")
    return np.array([[float(v) for v in pair.split(",")] for pair in (shape.get("points") or "").split()])


def test_doubling_the_labels_is_one_step_and_equal_gains_are_equal_heights() -> None:
    line = places(learning_curve({"a": points({10: 0.5, 20: 0.6, 40: 0.7, 80: 0.8})}), "curve")
    assert np.diff(line[:, 0]) == pytest.approx(np.diff(line[:, 0]).mean(), abs=0.02)
    assert np.diff(line[:, 1]) == pytest.approx(np.diff(line[:, 1]).mean(), abs=0.02)
    assert np.all(np.diff(line[:, 0]) > 0) and np.all(np.diff(line[:, 1]) < 0)  # up is smaller in a drawing


def test_a_narrow_range_of_labels_is_linear() -> None:
    line = places(learning_curve({"a": points({100: 0.5, 200: 0.6, 300: 0.7})}), "curve")
    assert np.diff(line[:, 0]) == pytest.approx(np.diff(line[:, 0]).mean(), abs=0.02)


def test_the_band_lies_around_the_line() -> None:
    drawing = learning_curve({"a": points({10: 0.5, 20: 0.6, 40: 0.7})})
    line, band = places(drawing, "curve"), places(drawing, "band")
    above, below = band[:3], band[3:][::-1]
    assert above[:, 0] == pytest.approx(line[:, 0]) and below[:, 0] == pytest.approx(line[:, 0])
    assert (above[:, 1] + below[:, 1]) / 2 == pytest.approx(line[:, 1], abs=0.02)
    assert np.all(above[:, 1] < line[:, 1])


def test_points_without_a_value_are_left_out_and_one_point_is_enough() -> None:
    drawing = learning_curve({"a": points({10: 0.5, 20: NAN, 40: 0.7}), "b": points({20: 0.6}), "c": ()})
    assert len(places(drawing, "curve")) == 2 and len(places(drawing, "curve", 1)) == 1
    assert "nan" not in drawing
    ElementTree.fromstring(learning_curve({}))


def test_only_as_many_lines_as_can_be_told_apart() -> None:
    drawing = learning_curve({f"curve {k}": points({10: 0.5, 20: 0.6}) for k in range(9)})
    lines = [e for e in ElementTree.fromstring(drawing) if (e.get("class") or "").startswith("curve")]
    assert len(lines) == MOST_SERIES
    marks = {series_mark(k).replace(f"series-{k}", "") for k in range(MOST_SERIES)}
    assert len(marks) == MOST_SERIES  # they differ without colour


def test_the_words_hold_every_number(photos: Findings) -> None:
    words = ElementTree.fromstring(learning_curve(photos.curves)).findtext("desc") or ""
    for name, curve in photos.curves.items():
        assert name in words
        assert all(f"{100 * point.accuracy.value:.1f} with {point.n}" in words for point in curve)


def test_the_table_aligns_curves_by_the_number_of_labels() -> None:
    table = curve_table({"a": points({10: 0.5, 40: 0.7}), "b": points({40: 0.6})})
    assert [(n, [None if a is None else a.value for a in row]) for n, row in table] == [
        (10, [0.5, None]),
        (40, [0.7, 0.6]),
    ]
