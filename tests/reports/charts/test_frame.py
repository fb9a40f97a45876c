"""The frame: labels stand at the places the scales give their values."""

from __future__ import annotations

from xml.etree import ElementTree

from headstart.reports.charts.frame import axes, frame


def test_labels_stand_at_their_values() -> None:
    area = frame((0.0, 10.0), (0.5, 1.0))
    tree = ElementTree.fromstring(
        f"<svg>{axes(area, {5.0: 'five'}, {0.75: 'three quarters'}, x_name='x', y_name='y')}</svg>"
    )
    words = {text.text: text for text in tree.findall("text")}
    assert float(words["five"].get("x", 0)) == (area.x(0) + area.x(10)) / 2
    grid = next(line for line in tree.findall("line") if line.get("class") == "grid")
    assert float(grid.get("y1", 0)) == (area.y(0.5) + area.y(1.0)) / 2
    assert {"x", "y", "three quarters"} <= set(words)
