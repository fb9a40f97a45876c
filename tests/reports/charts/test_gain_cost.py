"""The drawing of gain against cost."""

from __future__ import annotations

from xml.etree import ElementTree

from headstart.planning.plan import Option
from headstart.reports.charts.gain_cost import gain_cost
from headstart.results import Interval


def option(value: float, seconds: float, strategy: str = "frozen") -> Option:
    return Option(strategy=strategy, backbone="<net>", layers=("pool",), seconds=seconds,
                  accuracy=Interval(value, value - 0.05, value + 0.05))  # fmt: skip


def test_dear_is_right_good_is_up_and_baselines_are_squares() -> None:
    options = [option(0.9, 100.0), option(0.7, 1.0), option(0.6, 10.0, "scratch")]
    drawing = ElementTree.fromstring(str(gain_cost(options, options[0])))
    dear, cheap = drawing.findall("circle")
    assert float(dear.get("cx") or 0) > float(cheap.get("cx") or 0)
    assert float(dear.get("cy") or 0) < float(cheap.get("cy") or 0)
    assert "chosen" in (dear.get("class") or "")
    assert len(drawing.findall("rect")) == 1
    assert any("<net>" in (text.text or "") for text in drawing.findall("text"))


def test_no_cost_and_no_options_are_survived() -> None:
    free = option(0.9, 0.0)
    ElementTree.fromstring(str(gain_cost([free], free)))
    ElementTree.fromstring(str(gain_cost([], free)))
