"""The drawing of two domains."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np

from headstart.diagnosis.findings import Picture
from headstart.reports.charts.domains import domains_chart, telling_chart


def points(n: int, shift: float) -> tuple[tuple[float, float], ...]:
    drawn = np.random.default_rng(n).standard_normal((n, 2)) + shift
    return tuple((float(x), float(y)) for x, y in drawn)


def test_rows_arrows_and_densities_are_drawn() -> None:
    picture = Picture(points(60, 0.0), points(50, 2.0), (("<cat>", 0.0, 0.0, 2.0, 2.0),), ())
    drawing = ElementTree.fromstring(str(domains_chart(picture, ("old", "new"))))
    classes = [part.get("class") for part in drawing.iter()]
    assert classes.count("domain-source") == 60
    assert classes.count("domain-target") == 50
    assert classes.count("class-arrow") == 1
    assert "band series-0" in classes
    assert "<cat>" in [part.text for part in drawing.iter("text")]
    arrow = next(part for part in drawing if part.get("class") == "class-arrow")
    assert float(arrow.get("x2") or 0) > float(arrow.get("x1") or 0)
    assert float(arrow.get("y2") or 0) < float(arrow.get("y1") or 0), "up on paper is a smaller number"


def test_few_equal_or_no_points_are_survived() -> None:
    for side in ((), ((1.0, 1.0),), ((1.0, 1.0),) * 30):
        ElementTree.fromstring(str(domains_chart(Picture(side, side, (("a", 1.0, 1.0, 1.0, 1.0),), ()), ("a", "b"))))


def test_bars_point_to_the_side_that_has_more() -> None:
    drawing = ElementTree.fromstring(str(telling_chart((("more in target", 2.0), ("more in source", -1.0)))))
    right, left = (part for part in drawing if part.get("class") == "bar")
    assert float(right.get("x") or 0) > float(left.get("x") or 0)
    assert float(right.get("width") or 0) == 2 * float(left.get("width") or 0)
    ElementTree.fromstring(str(telling_chart(())))
