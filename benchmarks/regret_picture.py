"""The calibration of `regret.py` as a drawing: foretold accuracy against what the test rows gave, a marker per plan."""

from __future__ import annotations

from pathlib import Path

from markupsafe import Markup
from regret_cases import Case
from regret_tables import foretold_and_got
from reporting import RESULTS

from headstart.reports.charts.frame import HEIGHT, WIDTH, Frame, axes, frame
from headstart.reports.charts.svg import element, label, line

FILE = RESULTS / "regret_calibration.svg"
SHARES = {tick / 10: str(10 * tick) for tick in range(3, 11)}
SERIES = {5: ("5 labels per class", "#a83f17"), 20: ("20", "#5b4a9e"), 0: ("all", "#0b5d6e")}
STYLE = """text { font: 11px system-ui, sans-serif; fill: #575e67 } .grid { stroke: #e9e6df } .axis { stroke: #575e67 }
.baseline { stroke: #575e67; stroke-dasharray: 4 3 } .whisker { stroke-opacity: .3; stroke-width: 2 }"""


def draw(found: list[Case], file: Path = FILE) -> Path:
    """Write the drawing; plans whose option was not foretold (one label per class) are not in it."""
    area = frame((0.3, 1.0), (0.3, 1.0))
    names = axes(area, SHARES, SHARES, x_name="foretold accuracy, %", y_name="accuracy on test rows, %")
    parts = [element("rect", {"width": WIDTH, "height": HEIGHT, "fill": "#fdfcfa"}), element("style", {}, STYLE), names]
    parts.append(line(area.x(0.3), area.y(0.3), area.x(1.0), area.y(1.0), "baseline"))
    for row, (n, (words, colour)) in enumerate(SERIES.items()):
        pairs = [told for case in found if case.n == n and (told := foretold_and_got(case))]
        parts += [mark(area, told, colour) for told in pairs]
        y = 26.0 + 15 * row
        parts += [element("circle", {"cx": 60, "cy": y - 4, "r": 4, "fill": colour}),
                  label(70, y, words, anchor="start")]  # fmt: skip
    words = element("title", {}, "Foretold and got, per plan; whiskers: the foretold interval")
    attributes = {"xmlns": "http://www.w3.org/2000/svg", "role": "img", "viewBox": f"0 0 {WIDTH:.0f} {HEIGHT:.0f}",
                  "width": 2 * WIDTH}  # fmt: skip
    file.write_text(str(element("svg", attributes, words, *parts)) + "\n", encoding="utf-8")
    return file


def mark(area: Frame, told: tuple[float, float, float, float], colour: str) -> Markup:
    """A point with the foretold interval lying on its side."""
    value, low, high, got = told
    y = area.y(got)
    whisker = element("line", {"class": "whisker", "stroke": colour, "x1": area.x(low), "x2": area.x(high), "y1": y,
                               "y2": y})  # fmt: skip
    point = element("circle", {"cx": area.x(value), "cy": y, "r": 4, "fill": colour, "fill-opacity": 0.8})
    return Markup("").join([whisker, point])
