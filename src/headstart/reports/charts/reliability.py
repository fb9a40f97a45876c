"""Reliability diagram: how often the model is right when it says how sure it is (DeGroot & Fienberg, 1983)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from markupsafe import Markup

from headstart.reports.amounts import counted, known, percent
from headstart.reports.charts.frame import HEIGHT, WIDTH, Frame, axes, frame
from headstart.reports.charts.svg import chart, element, line
from headstart.strategies.findings import Reliability

_SHARES = {tick: percent(tick, 0) for tick in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)}


@dataclass(frozen=True)
class _Bin:
    confidence: float
    accuracy: float
    count: int


def reliability_diagram(reliability: Reliability) -> Markup:
    """A point per bin that holds rows, its area the number of rows, its distance to the diagonal drawn out."""
    bins = _filled(reliability)
    area = frame((0.0, 1.0), (0.0, 1.0))
    most = max((each.count for each in bins), default=1)
    diagonal = line(area.x(0), area.y(0), area.x(1), area.y(1), "baseline")
    gaps = [_gap(each, area) for each in bins]
    path = " ".join("{:.2f},{:.2f}".format(*area.place(each.confidence, each.accuracy)) for each in bins)
    joined = element("polyline", {"class": "curve series-0", "points": path})
    names = axes(area, _SHARES, _SHARES, x_name="confidence, %", y_name="accuracy, %")
    marks = [_point(each, area, most) for each in bins]
    return chart("Reliability diagram", _words(bins), WIDTH, HEIGHT, names, diagonal, *gaps, joined, *marks)


def _filled(reliability: Reliability) -> list[_Bin]:
    columns = zip(reliability.confidence, reliability.accuracy, reliability.count, strict=True)
    return [_Bin(*row) for row in columns if row[2] > 0 and known(row[0]) and known(row[1])]


def _gap(each: _Bin, area: Frame) -> Markup:
    x, y = area.place(each.confidence, each.accuracy)
    return line(x, y, x, area.y(each.confidence), "gap")


def _point(each: _Bin, area: Frame, most: int) -> Markup:
    x, y = area.place(each.confidence, each.accuracy)
    words = f"{counted(each.count, 'sample')}: sure {percent(each.confidence)}, right {percent(each.accuracy)}"
    radius = 3 + 7 * math.sqrt(each.count / most)
    return element("circle", {"class": "bubble", "cx": x, "cy": y, "r": radius}, element("title", {}, words))


def _words(bins: list[_Bin]) -> str:
    rows = "; ".join(f"sure {percent(b.confidence)}, right {percent(b.accuracy)} ({b.count})" for b in bins)
    return f"Confidence and accuracy in percent, with the number of samples. {rows or 'No samples'}."
