"""Accuracy against coverage: what answering only when sure would buy (El-Yaniv & Wiener, JMLR 2010)."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from headstart.reports.amounts import known, percent
from headstart.reports.charts.frame import HEIGHT, WIDTH, axes, frame
from headstart.reports.charts.scale import share_range, ticks
from headstart.reports.charts.svg import chart, element
from headstart.strategies.findings import AbstainPoint

_ANSWERED = {tick: percent(tick, 0) for tick in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)}


def abstain_curve(points: Sequence[AbstainPoint]) -> Markup:
    """Accuracy of what is answered, against the share that is answered; thresholds that answer nothing are left out."""
    shown = measured(points)
    area = frame((0.0, 1.0), share_range([point.accuracy for point in shown]))
    path = " ".join("{:.2f},{:.2f}".format(*area.place(p.answered, p.accuracy)) for p in shown)
    curve = element("polyline", {"class": "curve series-0", "points": path})
    y_labels = {tick: percent(tick, 0) for tick in ticks(area.y.low, area.y.high)}
    names = axes(area, _ANSWERED, y_labels, x_name="answered, %", y_name="accuracy of the answers, %")
    marks = [_mark(point, *area.place(point.answered, point.accuracy)) for point in milestones(shown)]
    return chart("Accuracy when the model may abstain", _words(shown), WIDTH, HEIGHT, names, curve, *marks)


def measured(points: Sequence[AbstainPoint]) -> list[AbstainPoint]:
    """The thresholds that answer something, from fewest to most answers."""
    kept = [point for point in points if known(point.accuracy) and known(point.answered) and point.answered > 0]
    return sorted(kept, key=lambda point: (point.answered, -point.threshold))


def milestones(points: Sequence[AbstainPoint]) -> list[AbstainPoint]:
    """The points nearest to answering all, 95, 90, 80, 60 and 40 %, without repeats, most answers first."""
    kept: list[AbstainPoint] = []
    for answered in (1.0, 0.95, 0.9, 0.8, 0.6, 0.4):
        near = min(measured(points), key=lambda point: abs(point.answered - answered), default=None)
        if near is not None and near not in kept:
            kept.append(near)
    return kept


def _mark(point: AbstainPoint, x: float, y: float) -> Markup:
    return element("circle", {"class": "symbol series-0", "cx": x, "cy": y, "r": 4}, element("title", {}, _say(point)))


def _say(point: AbstainPoint) -> str:
    sure = percent(point.threshold)
    return f"sure at least {sure}: answers {percent(point.answered)}, right {percent(point.accuracy)}"


def _words(points: Sequence[AbstainPoint]) -> str:
    steps = "; ".join(_say(point) for point in milestones(points))
    return f"All numbers in percent. {steps or 'No samples'}."
