"""The drawing of a layer profile."""

from __future__ import annotations

from xml.etree import ElementTree

from headstart.planning.plan import LayerPoint
from headstart.reports.charts.layer_profile import layer_profile, series_of
from headstart.results import Interval


def point(backbone: str, layer: str, value: float) -> LayerPoint:
    return LayerPoint(backbone=backbone, layer=layer, accuracy=Interval(value, value - 0.05, value + 0.05), r2=0.5)


PROFILE = [point("<net>", "low", 0.6), point("<net>", "high", 0.9), point("other", "pool", 0.7)]


def test_a_line_per_backbone_and_higher_is_higher() -> None:
    drawing = ElementTree.fromstring(str(layer_profile(PROFILE)))
    assert len(drawing.findall("polyline")) == 2
    low, high, _ = drawing.findall("circle")
    assert float(low.get("cx") or 0) < float(high.get("cx") or 0)
    assert float(low.get("cy") or 0) > float(high.get("cy") or 0)
    description = drawing.find("desc")
    assert description is not None
    assert "<net>: low 60.0, high 90.0" in (description.text or "")


def test_more_backbones_than_can_be_told_apart_are_cut() -> None:
    assert len(series_of([point(str(number), "pool", 0.5) for number in range(9)])) == 6
    ElementTree.fromstring(str(layer_profile([])))
