"""Interval plot (forest plot; Lewis & Clarke, BMJ 2001): one row per entry, all on one axis.

Each row is its own drawing with positions in percent of its width, so that it can stand in a table row of any width
while names and numbers beside it stay text: they wrap, select and read aloud.
"""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from headstart.reports.amounts import known, percent
from headstart.reports.charts.scale import Scale, share_range, ticks
from headstart.reports.charts.svg import Attributes, element, label, line, share
from headstart.results import Interval

MARGIN = 0.04  # of the width, on both sides, so that the outermost numbers have room


def interval_scale(intervals: Sequence[Interval]) -> Scale:
    """One axis of accuracies that holds every interval."""
    values = [value for interval in intervals for value in (interval.value, interval.low, interval.high)]
    return Scale(*share_range(values), MARGIN, 1 - MARGIN)


def interval_axis(scale: Scale) -> Markup:
    """The numbers above the rows, in percent."""
    numbers = [
        label(share(scale(tick)), "70%", percent(tick, 0), anchor="middle") for tick in ticks(scale.low, scale.high)
    ]
    return _strip("Axis", f"accuracy from {percent(scale.low, 0)} to {percent(scale.high, 0)} percent", *numbers)


def interval_row(
    interval: Interval,
    scale: Scale,
    *,
    name: str,
    chosen: bool = False,
    null: bool = False,
    reference: Interval | None = None,
    baseline: float | None = None,
) -> Markup:
    """One entry: a marker at its value, whiskers over its interval.

    chosen     a larger, filled marker; its interval is shaded through all rows when given as `reference`
    null       a square on a dashed whisker, open unless chosen: told apart without colour
    baseline   where learning from scratch stands: a dashed line through all rows
    """
    parts = [line(share(scale(tick)), 0, share(scale(tick)), "100%", "grid") for tick in ticks(scale.low, scale.high)]
    if reference is not None and known(reference.low) and known(reference.high):
        parts.insert(0, _shade(reference, scale))
    if baseline is not None and known(baseline):
        parts.append(line(share(scale(baseline)), 0, share(scale(baseline)), "100%", "baseline"))
    style = ("null" if null else "entry") + (" chosen" if chosen else "")
    parts += [*_whisker(interval, scale, style), *_marker(interval, scale, style)]
    return _strip(name, describe(interval), *parts)


def describe(interval: Interval) -> str:
    """The interval in words."""
    if not known(interval.value):
        return "accuracy not known"
    words = f"accuracy {percent(interval.value)} percent"
    if not (known(interval.low) and known(interval.high)):
        return words
    level = percent(interval.level, 0)
    return f"{words}, {level} percent interval {percent(interval.low)} to {percent(interval.high)}"


def _strip(title: str, description: str, *children: Markup) -> Markup:
    words = element("title", {}, title), element("desc", {}, description)
    return element("svg", {"class": "strip", "role": "img", "width": "100%", "height": "100%"}, *words, *children)


def _shade(interval: Interval, scale: Scale) -> Markup:
    left, right = scale(interval.low), scale(interval.high)
    return element("rect", {"class": "shade", "x": share(left), "y": 0, "width": share(right - left), "height": "100%"})


def _whisker(interval: Interval, scale: Scale, style: str) -> list[Markup]:
    if not (known(interval.low) and known(interval.high)):
        return []
    low, high = share(scale(interval.low)), share(scale(interval.high))
    return [line(low, "50%", high, "50%", f"whisker {style}"), _cap(low, style), _cap(high, style)]


def _cap(at: str, style: str) -> Markup:
    box: Attributes = {"x": at, "y": "50%", "width": 2, "height": 10, "transform": "translate(-1 -5)"}
    return element("rect", {"class": f"cap {style}", **box})


def _marker(interval: Interval, scale: Scale, style: str) -> list[Markup]:
    if not known(interval.value):
        return []
    at, chosen = share(scale(interval.value)), style.endswith("chosen")
    if style.startswith("entry"):
        return [element("circle", {"class": f"marker {style}", "cx": at, "cy": "50%", "r": 6 if chosen else 4.5})]
    side = 11.0 if chosen else 9.0
    centred: Attributes = {"width": side, "height": side, "transform": f"translate({-side / 2} {-side / 2})"}
    return [element("rect", {"class": f"marker {style}", "x": at, "y": "50%", **centred})]
