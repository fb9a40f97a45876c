"""The curve of a fine-tuning run: both losses where they belong, the kept round marked, gaps left out."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from headstart.reports.charts.training_curve import places, training_curve
from headstart.strategies.findings import Findings, Training

NAN = float("nan")


@pytest.fixture
def made(photos: Findings) -> Training:
    return photos.trainings[0]


def series(drawing: str, index: int) -> list[tuple[float, float]]:
    tree = ElementTree.fromstring(drawing)
    line = next(part for part in tree.iter() if part.get("class") == f"curve series-{index}")
    return [tuple(map(float, pair.split(","))) for pair in (line.get("points") or "").split()]


def test_held_out_loss_begins_at_round_0_and_training_loss_at_round_1(made: Training) -> None:
    training = made
    held_out, learned = (series(training_curve(training), index) for index in (0, 1))
    assert (len(held_out), len(learned)) == (len(training.validation), len(training.losses))
    assert learned[0][0] == pytest.approx(held_out[1][0])
    assert [y for _, y in learned] == sorted(y for _, y in learned)  # a falling loss goes down the page


def test_the_kept_round_is_marked(made: Training) -> None:
    tree = ElementTree.fromstring(training_curve(made))
    mark = next(part for part in tree.iter() if part.get("class") == "baseline")
    assert float(mark.get("x1")) == pytest.approx(series(training_curve(made), 0)[3][0], abs=0.01)
    assert "Kept: round 3" in (tree.findtext("desc") or "")


def test_what_is_no_number_is_left_out_and_nothing_at_all_is_still_a_drawing(made: Training) -> None:
    assert places((0.5, NAN, 0.3), first=1) == [(1, 0.5), (3, 0.3)]
    empty = replace(made, losses=(), validation=(NAN,), kept=0)
    assert "not measured" in (ElementTree.fromstring(training_curve(empty)).findtext("desc") or "")
