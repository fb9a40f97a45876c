"""The frame around a plot of two quantities: grid, round numbers, names of the axes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from headstart.reports.charts.scale import Scale
from headstart.reports.charts.svg import element, label, line

WIDTH, HEIGHT = 380.0, 290.0
LEFT, RIGHT, TOP, BOTTOM = 54.0, 368.0, 14.0, 240.0


@dataclass(frozen=True)
class Frame:
    """A plot area with its two scales."""

    x: Scale
    y: Scale

    def place(self, x: float, y: float) -> tuple[float, float]:
        return self.x(x), self.y(y)


def frame(x_range: tuple[float, float], y_range: tuple[float, float], *, logarithmic: bool = False) -> Frame:
    return Frame(Scale(*x_range, LEFT, RIGHT, logarithmic), Scale(*y_range, BOTTOM, TOP))


def axes(
    area: Frame, x_labels: Mapping[float, str], y_labels: Mapping[float, str], *, x_name: str, y_name: str
) -> Markup:
    """Grid lines and words; `x_labels` and `y_labels` say what to print at which value."""
    bottom, top, left, right = area.y.start, area.y.stop, area.x.start, area.x.stop
    middle = (top + bottom) / 2
    parts = [line(left, area.y(value), right, area.y(value), "grid") for value in y_labels]
    parts += [label(left - 7, area.y(value) + 4, words, anchor="end") for value, words in y_labels.items()]
    parts += [line(area.x(value), bottom, area.x(value), bottom + 4, "axis") for value in x_labels]
    parts += [label(area.x(value), bottom + 18, words) for value, words in x_labels.items()]
    parts += [line(left, bottom, right, bottom, "axis")]
    parts += [label((left + right) / 2, bottom + 40, x_name, style="axis-name")]
    turned = {"class": "axis-name", "text-anchor": "middle", "transform": f"translate(11 {middle:.0f}) rotate(-90)"}
    return Markup("").join([*parts, element("text", turned, y_name)])
