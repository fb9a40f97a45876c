"""A fine-tuning run, round by round: what it lost on the rows it learned from and on those left out."""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup

from headstart.reports.amounts import count, decimal, known
from headstart.reports.charts.frame import HEIGHT, WIDTH, Frame, axes, frame
from headstart.reports.charts.learning_curve import polyline, symbol
from headstart.reports.charts.scale import ticks
from headstart.reports.charts.svg import chart, line
from headstart.strategies.findings import Training


def training_curve(training: Training) -> Markup:
    """Held-out loss (the first series) from round 0 on, training loss (the second) from round 1 on, and a line at the
    round that was kept. Losses that are no number are left out."""
    held_out = places(training.validation, first=0)
    learned = places(training.losses, first=1)
    last = max((number for number, _ in [*held_out, *learned]), default=1)
    highest = max((loss for _, loss in [*held_out, *learned]), default=1.0)
    area = frame((0.0, float(max(last, 1))), (0.0, 1.05 * highest or 1.0))
    x_labels = {tick: count(int(tick)) for tick in ticks(0.0, float(max(last, 1))) if tick == int(tick)}
    y_labels = {tick: decimal(tick) for tick in ticks(area.y.low, area.y.high)}
    names = axes(area, x_labels, y_labels, x_name="round", y_name="loss, nats")
    kept = area.x(training.kept)
    mark = line(kept, area.y.start, kept, area.y.stop, "baseline")
    series = [_series(points, area, index) for index, points in enumerate((held_out, learned))]
    return chart("Fine-tuning, round by round", _words(training), WIDTH, HEIGHT, names, mark, *series)


def places(losses: Sequence[float], *, first: int) -> list[tuple[int, float]]:
    """(round, loss) of the losses that are known."""
    return [(number, loss) for number, loss in enumerate(losses, start=first) if known(loss) and math.isfinite(loss)]


def _series(points: Sequence[tuple[int, float]], area: Frame, index: int) -> Markup:
    drawn = [area.place(number, loss) for number, loss in points]
    return Markup("").join([polyline(drawn, index), *(symbol(x, y, index) for x, y in drawn)])


def _words(training: Training) -> str:
    losses = ", ".join(f"round {number}: {decimal(loss)}" for number, loss in places(training.validation, first=0))
    return f"Loss on rows left out: {losses or 'not measured'}. Kept: round {training.kept}."
