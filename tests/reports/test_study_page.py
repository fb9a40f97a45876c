"""The page of a study: whole, escaped, without anything from outside."""

from __future__ import annotations

from dataclasses import replace

from tests.strategies.transferability.test_findings import some_study

from headstart.reports.study_page import render
from headstart.strategies.transferability.probes import Probe


def test_everything_is_escaped_and_nothing_is_fetched() -> None:
    study = some_study(source="<script>alert(1)</script>", notes=("<b>bold",))
    study = replace(study, cuts=tuple(replace(cut, layer="<i>one") for cut in study.cuts),
                    probes=(Probe("<u>one", 4, study.probes[0].accuracy),))  # fmt: skip
    page = render(study)
    for raw in ("<script>", "<b>bold", "<i>one", "<u>one", "http://", "https://", "src="):
        assert raw not in page


def test_the_numbers_stand_on_it() -> None:
    page = render(some_study())
    for words in ("80.5", "61.0", "+19.5", "broken co-adaptation", "specialisation", "random weights", "4 fixed views"):
        assert words in page


def test_without_networks_there_are_only_probes() -> None:
    page = render(some_study(base=None, cuts=(), seeds=0))
    assert "The four networks" not in page
    assert "linear probe" in page


def test_without_probes_there_are_only_networks() -> None:
    page = render(some_study(probes=()))
    assert "The four networks" in page
    assert "What a linear probe reads" not in page
