"""The drawing of two domains."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np

from headstart.diagnosis.findings import Picture
from headstart.reports.charts.domains import LETTER, LINE, domains_chart, telling_chart


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


def test_names_cover_no_other_and_stay_inside() -> None:
    ends = {"keyboard": (1.0, 1.0), "calculator": (1.05, 1.02), "headphones": (2.9, 1.0), "mug": (1.0, 1.0)}
    arrows = tuple((name, 0.0, 0.0, x, y) for name, (x, y) in ends.items())
    picture = Picture(points(60, 0.0), ((3.0, 3.0),) * 3, arrows, ())
    drawing = ElementTree.fromstring(str(domains_chart(picture, ("old", "new"))))
    boxes = []
    for part in drawing.iter("text"):
        if part.get("class") == "class-name":
            x, wide = float(part.get("x") or 0), LETTER * len(part.text or "")
            left = x - wide if part.get("text-anchor") == "end" else x
            boxes.append((left, left + wide, float(part.get("y") or 0)))
    assert len(boxes) == 4
    assert all(right <= 380 for _, right, _ in boxes)
    for place, (left, right, y) in enumerate(boxes):
        for other in boxes[:place]:
            assert right <= other[0] or other[1] <= left or abs(y - other[2]) >= LINE - 0.1


def test_few_equal_or_no_points_are_survived() -> None:
    for side in ((), ((1.0, 1.0),), ((1.0, 1.0),) * 30):
        ElementTree.fromstring(str(domains_chart(Picture(side, side, (("a", 1.0, 1.0, 1.0, 1.0),), ()), ("a", "b"))))


def test_bars_point_to_the_side_that_has_more() -> None:
    drawing = ElementTree.fromstring(str(telling_chart((("more in target", 2.0), ("more in source", -1.0)))))
    right, left = (part for part in drawing if part.get("class") == "bar")
    assert float(right.get("x") or 0) > float(left.get("x") or 0)
    assert float(right.get("width") or 0) == 2 * float(left.get("width") or 0)
    ElementTree.fromstring(str(telling_chart(())))
