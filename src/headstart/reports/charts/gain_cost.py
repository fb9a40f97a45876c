"""Gain against cost: what each strategy is foretold to add, by the seconds it would take."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from headstart.planning.plan import Option
from headstart.reports.amounts import duration, percent
from headstart.reports.charts.frame import HEIGHT, WIDTH, Frame, axes, frame
from headstart.reports.charts.scale import share_range, ticks
from headstart.reports.charts.svg import Attributes, chart, element, label, line

LEAST = 0.1  # seconds: what is faster stands at the edge


def gain_cost(options: Sequence[Option], chosen: Option) -> Markup:
    """A marker per option with a foretold accuracy, its interval as a whisker; baselines are squares, the chosen one is
    larger and named. Time is logarithmic."""
    shown = [option for option in options if option.accuracy is not None]
    values = [v for o in shown if o.accuracy for v in (o.accuracy.low, o.accuracy.high)]
    seconds = [max(option.seconds, LEAST) for option in shown] or [LEAST]
    area = frame((min(seconds) / 1.5, max(seconds) * 1.5), share_range(values), logarithmic=True)
    x_labels = {tick: duration(tick) for tick in _decades(min(seconds) / 1.5, max(seconds) * 1.5)}
    y_labels = {tick: percent(tick, 0) for tick in ticks(area.y.low, area.y.high)}
    names = axes(area, x_labels, y_labels, x_name="time to carry it out", y_name="foretold accuracy, %")
    marks = [_mark(option, area, option is chosen) for option in shown]
    words = "; ".join(f"{o.name} {percent(o.accuracy.value)} in {duration(o.seconds)}" for o in shown if o.accuracy)
    return chart("Gain against cost", f"Foretold accuracy in percent. {words}", WIDTH, HEIGHT, names, *marks)


def _mark(option: Option, area: Frame, chosen: bool) -> Markup:
    assert option.accuracy is not None
    x, y = area.place(max(option.seconds, LEAST), option.accuracy.value)
    null = option.strategy in ("scratch", "target only")
    style = ("null" if null else "entry") + (" chosen" if chosen else "")
    whisker = line(x, area.y(option.accuracy.low), x, area.y(option.accuracy.high), f"whisker {style}")
    side = 11.0 if chosen else 8.0
    square: Attributes = {"class": f"marker {style}", "x": x - side / 2, "y": y - side / 2, "width": side,
                          "height": side}  # fmt: skip
    circle: Attributes = {"class": f"marker {style}", "cx": x, "cy": y, "r": 6 if chosen else 4}
    shape = element("rect", square) if null else element("circle", circle)
    left = x < (area.x.start + area.x.stop) / 2
    name = label(x + (9 if left else -9), y - 9, option.name[:30], anchor="start" if left else "end", style="tick")
    return Markup("").join([whisker, shape, *([name] if chosen else [])])


def _decades(low: float, high: float) -> list[float]:
    """Round durations within [low, high]; the ends where there are none."""
    round_ones = [0.1, 1.0, 10.0, 60.0, 600.0, 3600.0, 36000.0]
    return [tick for tick in round_ones if low <= tick <= high] or [low, high]
