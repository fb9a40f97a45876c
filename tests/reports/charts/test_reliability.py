"""Reliability diagram: honest confidence lies on the diagonal, empty bins are not drawn."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from headstart.reports.charts.reliability import reliability_diagram
from headstart.strategies.findings import Reliability

NAN = float("nan")


def diagram(confidence: tuple[float, ...], accuracy: tuple[float, ...], count: tuple[int, ...]) -> ElementTree.Element:
    values = {"confidence": confidence, "accuracy": accuracy, "count": count}
    return ElementTree.fromstring(
        reliability_diagram(Reliability(**values, error_before=NAN, error_after=0.0, temperature=1.0))
    )


def on_diagonal(tree: ElementTree.Element, x: float, y: float) -> float:
    """How far below (positive: above it, in the drawing's sense) a place lies from the dashed line."""
    line = next(e for e in tree if e.get("class") == "baseline")
    x1, y1, x2, y2 = (float(line.get(name, 0)) for name in ("x1", "y1", "x2", "y2"))
    return (y1 + (x - x1) / (x2 - x1) * (y2 - y1)) - y


def bubbles(tree: ElementTree.Element) -> list[tuple[float, float, float]]:
    found = [e for e in tree if e.get("class") == "bubble"]
    return [(float(e.get("cx", 0)), float(e.get("cy", 0)), float(e.get("r", 0))) for e in found]


def test_honest_confidence_lies_on_the_diagonal() -> None:
    tree = diagram((0.1, 0.55, 0.9), (0.1, 0.55, 0.9), (5, 5, 5))
    assert [on_diagonal(tree, x, y) for x, y, _ in bubbles(tree)] == pytest.approx([0, 0, 0], abs=0.02)


def test_overconfidence_lies_below_and_its_gap_is_drawn() -> None:
    tree = diagram((0.9,), (0.6,), (10,))
    ((x, y, _),) = bubbles(tree)
    assert on_diagonal(tree, x, y) < -10
    gap = next(e for e in tree if e.get("class") == "gap")
    assert float(gap.get("y1", 0)) == y and on_diagonal(tree, x, float(gap.get("y2", 0))) == pytest.approx(0, abs=0.02)


def test_empty_bins_are_left_out_and_more_samples_are_larger() -> None:
    tree = diagram((0.1, 0.5, NAN, 0.9), (NAN, 0.5, 0.2, 0.9), (0, 4, 2, 100))
    (_, _, small), (_, _, large) = bubbles(tree)
    assert small < large
    assert "(4)" in (tree.findtext("desc") or "")


def test_no_bins_at_all_still_draws_the_frame() -> None:
    assert "No samples" in (diagram((), (), ()).findtext("desc") or "")
