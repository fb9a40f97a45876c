"""The page of a ranking: whole, escaped, without anything from outside."""

from __future__ import annotations

from dataclasses import replace

import pytest

from headstart.reports.ranking_page import render
from headstart.results import Interval
from headstart.selection.ranking import Place, Ranking


@pytest.fixture
def found() -> Ranking:
    scores = {"ridge_loo": 0.9, "logme": -0.2}
    places = (
        Place(
            backbone="<b>net", layers=("top",), predicted=Interval(0.9, 0.85, 0.93), p_best=0.8, leader=True,
            scores=scores,
        ),
        Place(backbone="other", layers=("low", "top"), predicted=Interval(0.7, 0.6, 0.8), p_best=0.2, scores=scores),
        Place(backbone="late", layers=("top",), predicted=None, scores={"ridge_loo": 0.2}, dropped="0.7 <i>behind"),
    )  # fmt: skip
    return Ranking(
        title="<script>", by="kit", places=places, n=100, n_classes=2, skipped={"gone": "<u>missing"},
        notes=("a <s>note",),
        profiles={"<b>net": (("low", 0.5, 0.05), ("top", 0.9, 0.02)), "other": (("low", 0.6, 0.1), ("top", 0.7, 0.1))},
    )  # fmt: skip


def test_everything_is_escaped_and_nothing_is_fetched(found: Ranking) -> None:
    page = render(found)
    for raw in ("<script>", "<b>net", "<i>behind", "<u>missing", "<s>note", "http://", "https://", "src="):
        assert raw not in page


def test_the_answer_stands_on_it(found: Ranking) -> None:
    page = render(found)
    assert found.verdict.split(" on ")[0].replace("<b>", "&lt;b&gt;") in page
    assert "Layer profiles" in page
    assert "Left behind on fewer rows" in page
    assert "90.0" in page
    assert "-0.200" in page


def test_other_units_and_no_labels(found: Ranking) -> None:
    by_evidence = render(replace(found, by="logme"))
    assert "90.0" not in by_evidence
    places = tuple(replace(place, predicted=None, leader=False) for place in found.places)
    unlabelled = replace(found, by="prior", places=places, profiles={})
    page = render(unlabelled)
    assert "No label was looked at" in page
    assert "Layer profiles" not in page
