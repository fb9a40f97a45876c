"""Both domains in their first two shared components, with contours of density and an arrow per class."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from headstart.diagnosis.findings import Picture
from headstart.reports.charts.frame import Frame, axes, frame
from headstart.reports.charts.scale import ticks
from headstart.reports.charts.svg import chart, element, label, line, number

MOST_ARROWS = 12
GRID = 36
LETTER, LINE = 6.6, 11  # of a class's name, about


def domains_chart(picture: Picture, names: tuple[str, str]) -> Markup:
    """Source rows as open circles, target rows as filled dots: told apart without colour."""
    points = [np.array(side, dtype=float).reshape(-1, 2) for side in (picture.source, picture.target)]
    area, x_range, y_range = _area(np.concatenate(points))
    parts = [axes(area, _ticks(x_range), _ticks(y_range), x_name="first component", y_name="second component")]
    parts += [_density(area, side, style) for side, style in zip(points, ("series-0", "series-1"), strict=True)]
    parts += [_dots(area, side, style) for side, style in zip(points, ("source", "target"), strict=True)]
    shown = picture.arrows[:MOST_ARROWS]
    parts += [_arrow(area, *arrow[1:]) for arrow in shown]
    parts += _names(area, [(name, area.place(x, y)) for name, _, _, x, y in shown])
    words = f"{len(points[0])} rows of {names[0]} (circles) and {len(points[1])} of {names[1]} (dots)"
    return chart("Both domains", words, 380, 290, *parts)


def telling_chart(telling: Sequence[tuple[str, float]]) -> Markup:
    """What tells the domains apart best: bars to the left are the source's, to the right the target's."""
    most = max((abs(shift) for _, shift in telling), default=1.0) or 1.0
    parts = []
    for row, (name, shift) in enumerate(telling):
        y = 12 + 24 * row
        width = 60 * abs(shift) / most
        x = 290.0 if shift >= 0 else 290.0 - width
        parts.append(label(190, y + 12, name[:28], anchor="end", style="tick"))
        parts.append(element("rect", {"class": "bar", "x": x, "y": y, "width": max(width, 0.5), "height": 15}))
        anchor, at = ("start", x + width + 5) if shift >= 0 else ("end", x - 5)
        parts.append(label(at, y + 12, f"{shift:+.2f}", anchor=anchor))
    return chart("What tells them apart", ", ".join(f"{name} {shift:+.2f}" for name, shift in telling), 400,
                 24 + 24 * len(telling), *parts)  # fmt: skip


def _area(points: NDArray[np.float64]) -> tuple[Frame, tuple[float, float], tuple[float, float]]:
    """A frame over all but the outermost hundredth of the points."""
    ranges = []
    for column in points.T if len(points) else np.zeros((2, 1)):
        low, high = np.quantile(column, [0.005, 0.995])
        margin = 0.05 * (high - low) or 1.0
        ranges.append((float(low - margin), float(high + margin)))
    return frame(ranges[0], ranges[1]), ranges[0], ranges[1]


def _ticks(ends: tuple[float, float]) -> dict[float, str]:
    return {tick: number(tick) for tick in ticks(*ends, 6)}


def _dots(area: Frame, points: NDArray[np.float64], side: str) -> Markup:
    dots = []
    for x, y in points:
        place = area.place(float(x), float(y))
        dots.append(element("circle", {"class": f"domain-{side}", "cx": place[0], "cy": place[1], "r": 2.2}))
    return Markup("").join(dots)


def _density(area: Frame, points: NDArray[np.float64], style: str) -> Markup:
    """The region that holds the densest half of the rows, as cells of a smoothed grid."""
    if len(points) < 20 or not (points.std(axis=0) > 0).all():
        return Markup("")
    width = points.std(axis=0) * len(points) ** (-1 / 6)  # Scott's rule in two dimensions
    xs = np.linspace(area.x.low, area.x.high, GRID)
    ys = np.linspace(area.y.low, area.y.high, GRID)
    along = np.exp(-(((xs[:, None] - points[:, 0]) / width[0]) ** 2) / 2)
    up = np.exp(-(((ys[:, None] - points[:, 1]) / width[1]) ** 2) / 2)
    density = along @ up.T
    ordered = np.sort(density, axis=None)[::-1]
    limit = ordered[np.searchsorted(ordered.cumsum(), 0.5 * ordered.sum())]
    step = ((area.x.stop - area.x.start) / (GRID - 1), abs(area.y.stop - area.y.start) / (GRID - 1))
    cells = []
    for i, j in zip(*np.nonzero(density >= limit), strict=True):
        x, y = area.place(float(xs[i]), float(ys[j]))
        left, top = x - step[0] / 2, y - step[1] / 2
        box: dict[str, str | float] = {"class": f"band {style}", "x": left, "y": top}
        cells.append(element("rect", {**box, "width": step[0], "height": step[1]}))
    return Markup("").join(cells)


def _arrow(area: Frame, x1: float, y1: float, x2: float, y2: float) -> Markup:
    """From a class's mean in the source to its mean in the target."""
    start, stop = np.array(area.place(x1, y1)), np.array(area.place(x2, y2))
    along = stop - start
    length = float(np.linalg.norm(along)) or 1.0
    back, across = along / length * 6, np.array([-along[1], along[0]]) / length * 3
    corners = [stop, stop - back + across, stop - back - across]
    head = " ".join(f"{number(float(x))},{number(float(y))}" for x, y in corners)
    shaft = line(float(start[0]), float(start[1]), float(stop[0]), float(stop[1]), "class-arrow")
    return Markup("").join([shaft, element("polygon", {"class": "class-head", "points": head})])


def _names(area: Frame, named: Sequence[tuple[str, tuple[float, float]]]) -> list[Markup]:
    """A name beside each place, from the top down, moved below what it would cover; to the left where the right edge is
    near."""
    taken: list[tuple[float, float, float]] = []  # left, right, baseline
    found = []
    for name, (x, y) in sorted(named, key=lambda each: each[1][1]):
        words = name[:18]
        wide, fits = LETTER * len(words), x + 6 + LETTER * len(words) <= area.x.stop
        left = x + 6 if fits else x - 6 - wide
        baseline = y - 4
        while any(left < other[1] and other[0] < left + wide and abs(baseline - other[2]) < LINE for other in taken):
            baseline += 1
        taken.append((left, left + wide, baseline))
        found.append(label(left if fits else left + wide, baseline, words, anchor="start" if fits else "end",
                           style="class-name"))  # fmt: skip
    return found
