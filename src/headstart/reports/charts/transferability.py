"""Yosinski's plot: accuracy on B against the layer that was cut after, and the two losses between the curves."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from headstart.reports.amounts import known, percent
from headstart.reports.charts.frame import HEIGHT, WIDTH, Frame, axes, frame
from headstart.reports.charts.learning_curve import joined, polyline, symbol
from headstart.reports.charts.scale import share_range, ticks
from headstart.reports.charts.svg import chart, element, label, line
from headstart.reports.names import shorten
from headstart.results import Interval
from headstart.strategies.transferability.findings import Cut

CURVES = ("BnB, frozen", "BnB+, all learning", "AnB, frozen", "AnB+, all learning")
LOSSES = ("broken co-adaptation", "specialisation")
ROOM = 15.0  # height in which a word fits between two curves
APART = 4.0  # whiskers of one cut stand side by side


def transferability_chart(base: Interval, cuts: Sequence[Cut]) -> Markup:
    """Four curves that start from the base network (cut 0), whiskers for their intervals, the losses shaded.

    The first loss lies between the base and BnB, the second between BnB and AnB, where they are losses.
    """
    curves = [
        [getattr(cut, name) for cut in cuts] for name in ("selffer", "selffer_tuned", "transfer", "transfer_tuned")
    ]
    ends = [end for curve in [[base], *curves] for one in curve for end in (one.low, one.high, one.value) if known(end)]
    area = frame((0, max(len(cuts), 1)), share_range(ends))
    names = {0.0: "base"} | {float(at): shorten(cut.layer, 10) for at, cut in _named(cuts)}
    shares = {tick: percent(tick, 0) for tick in ticks(area.y.low, area.y.high)}
    parts = [axes(area, names, shares, x_name="layers copied, up to and including", y_name="accuracy on B, %")]
    flat = [base] * (len(cuts) + 1)
    own, other = [base, *curves[0]], [base, *curves[2]]
    parts += [_loss(area, flat, own, 0), _loss(area, own, other, 1)]
    parts.append(line(area.x(0), area.y(base.value), area.x(len(cuts)), area.y(base.value), "baseline"))
    for index, curve in enumerate(curves):
        parts += _curve(area, [base, *curve], index)
    return chart("How transferable each layer is", _words(base, cuts), WIDTH, HEIGHT, *parts)


def _named(cuts: Sequence[Cut]) -> list[tuple[int, Cut]]:
    """Places (from 1) and cuts to be named below the axis: all, or every second, third … of many, and the last."""
    every = -(-len(cuts) // 6)
    return [(at, cut) for at, cut in enumerate(cuts, start=1) if (len(cuts) - at) % every == 0]


def _curve(area: Frame, curve: Sequence[Interval], index: int) -> list[Markup]:
    places = [area.place(at, one.value) for at, one in enumerate(curve)]
    shift = (index - 1.5) * APART
    whiskers = [
        line(x + shift, area.y(one.low), x + shift, area.y(one.high), f"error series-{index}")
        for (x, _), one in zip(places[1:], curve[1:], strict=True)
        if known(one.low) and known(one.high)
    ]
    return [*whiskers, polyline(places, index), *(symbol(x, y, index) for x, y in places[1:])]


def _loss(area: Frame, above: Sequence[Interval], below: Sequence[Interval], index: int) -> Markup:
    """The region between two curves, named where there is room."""
    top = [area.place(at, one.value) for at, one in enumerate(above)]
    bottom = [
        area.place(at, min(one.value, high.value)) for at, (one, high) in enumerate(zip(below, above, strict=True))
    ]
    region = element("polygon", {"class": f"loss loss-{index}", "points": joined([*top, *reversed(bottom)])})
    heights = [low[1] - high[1] for high, low in zip(top, bottom, strict=True)]
    widest = max(range(len(heights)), key=heights.__getitem__)
    if heights[widest] < ROOM:
        return region
    anchor = "end" if widest > len(heights) / 2 else "start"
    x, y = top[widest][0], (top[widest][1] + bottom[widest][1]) / 2 + 4
    shift = -10 if anchor == "end" else 10
    return Markup("").join([region, label(x + shift, y, LOSSES[index], anchor=anchor, style="loss-name")])


def _words(base: Interval, cuts: Sequence[Cut]) -> str:
    lines = [
        f"{cut.layer}: BnB {percent(cut.selffer.value)}, BnB+ {percent(cut.selffer_tuned.value)}, "
        f"AnB {percent(cut.transfer.value)}, AnB+ {percent(cut.transfer_tuned.value)}"
        for cut in cuts
    ]
    return f"Accuracy on B in percent by the layer cut after. base: {percent(base.value)}; " + "; ".join(lines)
