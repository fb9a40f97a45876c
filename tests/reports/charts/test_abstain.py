"""Accuracy against coverage: ordered, within its frame, with the thresholds worth naming."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np

from headstart.reports.charts.abstain import abstain_curve, measured, milestones
from headstart.strategies.findings import AbstainPoint, Findings

NAN = float("nan")


def test_thresholds_that_answer_nothing_are_left_out() -> None:
    points = [
        AbstainPoint(threshold=1.0, answered=0.0, accuracy=NAN),
        AbstainPoint(threshold=0.5, answered=0.7, accuracy=0.9),
    ]
    assert measured(points) == points[1:]
    assert milestones(points) == points[1:]


def test_the_line_runs_from_few_answers_to_all(photos: Findings) -> None:
    tree = ElementTree.fromstring(abstain_curve(photos.abstain))
    line = next(e for e in tree if e.get("class") == "curve series-0")
    places = np.array([[float(v) for v in pair.split(",")] for pair in (line.get("points") or "").split()])
    assert len(places) == len(photos.abstain)
    assert np.all(np.diff(places[:, 0]) > 0)
    assert np.all(np.diff(places[:, 1]) > 0)  # less accurate the more is answered: further down


def test_milestones_are_the_nearest_points_most_answers_first(photos: Findings) -> None:
    chosen = milestones(photos.abstain)
    answered = [point.answered for point in chosen]
    assert answered == sorted(answered, reverse=True) and answered[0] == 1.0
    every = np.array([point.answered for point in photos.abstain])
    assert min(abs(a - 0.8) for a in answered) == np.abs(every - 0.8).min()


def test_no_points_still_draw_the_frame() -> None:
    assert "No samples" in (ElementTree.fromstring(abstain_curve([])).findtext("desc") or "")
