from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pytest
from tests.strategies.transferability.test_findings import some_study

from headstart.reports.charts.transferability import transferability_chart
from headstart.results import Interval


def drawn(cuts, base=None):
    study = some_study()
    return ElementTree.fromstring(str(transferability_chart(base or study.base, cuts)))


def lines(drawing, style):
    return [part for part in drawing.iter("polyline") if style in part.attrib["class"]]


@pytest.mark.parametrize("many", [1, 3, 19])
def test_four_curves_from_the_base_over_all_cuts(many):
    (cut,) = some_study().cuts
    drawing = drawn([replace(cut, layer=f"layer {number}") for number in range(many)])
    curves = lines(drawing, "curve")
    assert len(curves) == 4
    starts = {curve.attrib["points"].split()[0] for curve in curves}
    assert len(starts) == 1  # the base
    assert all(len(curve.attrib["points"].split()) == many + 1 for curve in curves)


def test_both_losses_are_shaded_and_named():
    drawing = drawn(some_study().cuts)
    words = {part.text for part in drawing.iter("text")}
    assert {"broken co-adaptation", "specialisation"} <= words
    assert len(list(drawing.iter("polygon"))) == 2


def test_a_gain_is_not_shaded_as_a_loss():
    (cut,) = some_study().cuts
    better = replace(cut, selffer=Interval(0.99, 0.98, 1.0), transfer=Interval(1.0, 0.99, 1.0))
    drawing = drawn([better])
    for polygon in drawing.iter("polygon"):
        xs, ys = zip(*(map(float, place.split(",")) for place in polygon.attrib["points"].split()), strict=True)
        assert len({round(y, 1) for x, y in zip(xs, ys, strict=True) if x == max(xs)}) == 1
    assert "specialisation" not in {part.text for part in drawing.iter("text")}


def test_unknown_ends_have_no_whisker():
    (cut,) = some_study().cuts
    nowhere = Interval(0.8, float("nan"), float("nan"))
    whole, bare = (
        sum("error" in part.attrib["class"] for part in drawn([one]).iter("line"))
        for one in (cut, replace(cut, transfer=nowhere))
    )
    assert (whole, bare) == (4, 3)
