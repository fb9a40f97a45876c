"""The page of a diagnosis: whole, escaped, without anything from outside."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from headstart.diagnosis.diagnosing import diagnose_features
from headstart.diagnosis.findings import Diagnosis, Example
from headstart.diagnosis.side import Side
from headstart.problem import Domain
from headstart.reports.charts.domains import domains_chart, telling_chart
from headstart.reports.diagnosis_page import render, verdict


@pytest.fixture(scope="module")
def found() -> Diagnosis:
    rng = np.random.default_rng(0)
    first, second = rng.standard_normal((150, 3)), rng.standard_normal((150, 3)) + 1
    labels = [np.where(X[:, 0] > 0, "<b>yes</b>", "no") for X in (first, second)]
    columns = ("<script>", "b", "c")
    return diagnose_features(
        Side.of(first, labels[0], columns=columns, name="<i>old"),
        Side.of(second, labels[1], columns=columns, name="new"),
    )


def test_everything_is_escaped_and_nothing_is_fetched(found: Diagnosis) -> None:
    page = render(found)
    for raw in ("<script>", "<b>yes", "<i>old"):
        assert raw not in page
    assert "http://" not in page
    assert "https://" not in page
    assert "src=" not in page


def test_the_answers_stand_on_it(found: Diagnosis) -> None:
    page = render(found)
    for condition in found.conditions:
        assert condition.answer in page
    assert verdict(found).startswith("P(X) differs")
    assert found.families[0].name in page


def test_thumbnails_are_pixels_or_nothing(found: Diagnosis) -> None:
    assert found.picture is not None
    pair = Example("a", thumbnail="javascript:alert(1)"), Example("b", thumbnail="data:image/png;base64,AAAA")
    page = render(replace(found, picture=replace(found.picture, examples=(pair,))))
    assert "javascript" not in page
    assert 'src="data:image/png;base64,AAAA"' in page


def test_drawings_are_well_formed(found: Diagnosis) -> None:
    assert found.picture is not None
    for drawing in (domains_chart(found.picture, ("a", "b")), telling_chart(found.picture.telling)):
        assert ElementTree.fromstring(str(drawing)).tag == "svg"
    assert len(ElementTree.fromstring(str(domains_chart(found.picture, ("a", "b")))).findall("circle")) == 300


def test_a_diagnosis_without_rows_still_has_a_page() -> None:
    text = replace(Side.of(np.zeros((3, 1))), domain=Domain("text", "texts"))
    assert "text samples" in render(diagnose_features(Side.of(np.zeros((3, 1))), text))
