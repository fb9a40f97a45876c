"""The layer profile: accuracy of a head on each layer of a backbone, from input to output."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from headstart.planning.plan import LayerPoint
from headstart.reports.amounts import percent
from headstart.reports.charts.frame import HEIGHT, WIDTH, Frame, axes, frame
from headstart.reports.charts.learning_curve import MOST_SERIES
from headstart.reports.charts.scale import share_range, ticks
from headstart.reports.charts.svg import chart, element, number


def layer_profile(profile: Sequence[LayerPoint]) -> Markup:
    """One line per backbone, the first six; the axis counts layers, for their names differ between backbones."""
    by_backbone = series_of(profile)
    deepest = max(map(len, by_backbone.values()), default=1)
    values = [value for points in by_backbone.values() for p in points for value in (p.accuracy.low, p.accuracy.high)]
    area = frame((1, max(deepest, 2)), share_range(values))
    x_labels = {float(place): str(place) for place in range(1, deepest + 1)}
    y_labels = {tick: percent(tick, 0) for tick in ticks(area.y.low, area.y.high)}
    names = axes(area, x_labels, y_labels, x_name="layer, from input to output", y_name="accuracy, %")
    lines = [_series(points, area, index) for index, points in enumerate(by_backbone.values())]
    words = "; ".join(
        f"{name}: " + ", ".join(f"{point.layer} {percent(point.accuracy.value)}" for point in points)
        for name, points in by_backbone.items()
    )
    return chart("Layer profile", f"Accuracy in percent by layer. {words}", WIDTH, HEIGHT, names, *lines)


def series_of(profile: Sequence[LayerPoint]) -> dict[str, list[LayerPoint]]:
    """The points of each backbone, in the order given; at most as many backbones as can be told apart."""
    found: dict[str, list[LayerPoint]] = {}
    for point in profile:
        found.setdefault(point.backbone, []).append(point)
    return dict(list(found.items())[:MOST_SERIES])


def _series(points: Sequence[LayerPoint], area: Frame, index: int) -> Markup:
    places = [area.place(at, point.accuracy.value) for at, point in enumerate(points, start=1)]
    above = [area.place(at, point.accuracy.high) for at, point in enumerate(points, start=1)]
    below = [area.place(at, point.accuracy.low) for at, point in enumerate(points, start=1)][::-1]
    band = element("polygon", {"class": f"band series-{index}", "points": _path(above + below)})
    line = element("polyline", {"class": f"curve series-{index}", "points": _path(places)})
    style = f"symbol series-{index}"
    return Markup("").join([band, line, *(element("circle", {"class": style, "cx": x, "cy": y, "r": 4})
                                          for x, y in places)])  # fmt: skip


def _path(places: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{number(x)},{number(y)}" for x, y in places)
