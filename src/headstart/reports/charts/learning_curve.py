"""Learning curves: accuracy against the number of labelled rows, with the interval as a band."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from headstart.reports.amounts import count, known, percent
from headstart.reports.charts.frame import HEIGHT, WIDTH, Frame, axes, frame
from headstart.reports.charts.scale import share_range, ticks
from headstart.reports.charts.svg import Attributes, chart, element, number
from headstart.results import Interval
from headstart.strategies.findings import CurvePoint

MOST_SERIES = 6  # more lines than dash patterns, markers and colours that can be told apart


def learning_curve(curves: Mapping[str, Sequence[CurvePoint]]) -> Markup:
    """One line per curve, in the given order, the first `MOST_SERIES` of them. Points without a value are left out.

    The axis of labels is logarithmic where the largest number is at least four times the smallest.
    """
    shown = {name: _measured(points) for name, points in list(curves.items())[:MOST_SERIES]}
    numbers = sorted({point.n for points in shown.values() for point in points}) or [1]
    values = [v for points in shown.values() for p in points for v in (p.accuracy.value, *_band_of(p))]
    area = frame((numbers[0], numbers[-1]), share_range(values), logarithmic=numbers[-1] >= 4 * numbers[0])
    x_labels = {float(n): count(n) for n in _apart(numbers, area)}
    y_labels = {tick: percent(tick, 0) for tick in ticks(area.y.low, area.y.high)}
    lines = [_series(points, area, index) for index, points in enumerate(shown.values())]
    names = axes(area, x_labels, y_labels, x_name="labelled samples to learn from", y_name="accuracy, %")
    return chart("Learning curve", _words(shown), WIDTH, HEIGHT, names, *lines)


def curve_table(curves: Mapping[str, Sequence[CurvePoint]]) -> list[tuple[int, list[Interval | None]]]:
    """The same numbers as rows: how many labels, then each curve's accuracy there (None where it was not measured)."""
    numbers = sorted({point.n for points in curves.values() for point in _measured(points)})
    at = [{point.n: point.accuracy for point in _measured(points)} for points in curves.values()]
    return [(n, [accuracies.get(n) for accuracies in at]) for n in numbers]


def series_mark(index: int) -> Markup:
    """The line and marker of a series, for the legend."""
    drawn = polyline([(1, 7), (33, 7)], index), symbol(17, 7, index)
    return element("svg", {"class": "swatch", "width": 34, "height": 14, "aria-hidden": "true"}, *drawn)


def _series(points: Sequence[CurvePoint], area: Frame, index: int) -> Markup:
    places = [area.place(point.n, point.accuracy.value) for point in points]
    symbols = [symbol(x, y, index) for x, y in places]
    return Markup("").join([_band(points, area, index), polyline(places, index), *symbols])


def _band(points: Sequence[CurvePoint], area: Frame, index: int) -> Markup:
    with_band = [point for point in points if _band_of(point)]
    above = [area.place(point.n, point.accuracy.high) for point in with_band]
    below = [area.place(point.n, point.accuracy.low) for point in reversed(with_band)]
    return element("polygon", {"class": f"band series-{index}", "points": joined(above + below)})


def polyline(places: Sequence[tuple[float, float]], index: int) -> Markup:
    """The line of a series."""
    return element("polyline", {"class": f"curve series-{index}", "points": joined(places)})


def symbol(x: float, y: float, index: int) -> Markup:
    """Circle, square, diamond, and the same again hollow."""
    style = f"symbol series-{index}" + (" hollow" if index >= 3 else "")
    if index % 3 == 0:
        return element("circle", {"class": style, "cx": x, "cy": y, "r": 4})
    square: Attributes = {"class": style, "x": x - 3.5, "y": y - 3.5, "width": 7, "height": 7}
    turn = {"transform": f"rotate(45 {number(x)} {number(y)})"} if index % 3 == 2 else {}
    return element("rect", {**square, **turn})


def joined(places: Sequence[tuple[float, float]]) -> str:
    """Places as an attribute `points` writes them."""
    return " ".join(f"{number(x)},{number(y)}" for x, y in places)


def _measured(points: Sequence[CurvePoint]) -> list[CurvePoint]:
    return sorted((p for p in points if known(p.accuracy.value) and p.n > 0), key=lambda p: p.n)


def _band_of(point: CurvePoint) -> tuple[float, ...]:
    band = point.accuracy.low, point.accuracy.high
    return band if all(map(known, band)) else ()


def _apart(numbers: Sequence[int], area: Frame) -> list[int]:
    """Those numbers whose words do not run into each other, the largest always among them."""
    kept: list[int] = []
    for n in reversed(numbers):
        if not kept or area.x(kept[-1]) - area.x(n) > 34:
            kept.append(n)
    return kept


def _words(shown: Mapping[str, Sequence[CurvePoint]]) -> str:
    lines = []
    for name, points in shown.items():
        steps = ", ".join(f"{percent(point.accuracy.value)} with {count(point.n)}" for point in points)
        lines.append(f"{name}: {steps or 'not measured'}")
    return "Accuracy in percent by number of labels. " + "; ".join(lines)
