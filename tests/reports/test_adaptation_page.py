"""The page of an adaptation: whole, escaped, without anything from outside, and true to its findings."""

from __future__ import annotations

from typing import Any

import pytest

from headstart.adaptation.auto import Trial
from headstart.adaptation.findings import AdaptationFindings, ClassChange
from headstart.adaptation.rehearsal import Rehearsal
from headstart.diagnosis.findings import Picture
from headstart.reports.adaptation_page import MOST_CLASSES, VALIDATORS, outcome, render
from headstart.results import Interval

PICTURE = Picture(((0.0, 0.0), (1.0, 1.0)), ((2.0, 2.0), (3.0, 1.0)), (("<b>ant", 0.0, 0.0, 2.0, 2.0),), ())


def findings(**changes: Any) -> AdaptationFindings:
    plain: dict[str, Any] = {
        "source": "<i>old", "target": "new", "rows": (40, 30), "backbone": "raw", "method": "coral",
        "shift": "features differ", "changed": 0.25, "accuracy": 0.9, "unadapted": 0.7, "gain": Interval(0.2, 0.1, 0.3),
        "trials": (Trial("none", {"information": 1.0, "mixed": 0.5}, 0.25),
                   Trial("coral", {"information": 2.0, "mixed": 0.25}, 0.75), Trial("pivots", {}, 0.0, "<u>no pivot")),
        "classes": (ClassChange("<b>ant", 0.5, 0.6, 0.4, 10, 0.7, 0.9), ClassChange("bee", 0.5, 0.4, 0.6, 5, 0.9, 0.5)),
        "before": PICTURE, "after": PICTURE, "notes": ("<s>left out",),
    }  # fmt: skip
    return AdaptationFindings(**{**plain, **changes})


def test_everything_is_escaped_and_nothing_is_fetched() -> None:
    page = findings().report
    for raw in ("<i>old", "<b>ant", "<u>no", "<s>left", "http://", "https://", "src="):
        assert raw not in page


def test_the_verdict_the_pictures_and_the_votes_stand_on_it() -> None:
    page = render(findings())
    assert "adapting helps: +20.0 points" in page
    assert page.count("<figure>") == 2
    assert page.index("bee") < page.index("&lt;b&gt;ant</bdi>", page.index("Class by class"))  # what loses stands first
    assert '<td class="right better">2.000</td><td class="right">0.250</td>' in page
    assert VALIDATORS["mixed"] in page


def test_the_rehearsal_and_the_choice_of_the_map_are_told() -> None:
    trials = (Trial("none", {"mixed": 0.5}, 0.25),
              Trial("coral", {"mixed": 0.6}, 0.75, rehearsal=Rehearsal(0.04, 0.01, 0.8)),
              Trial("jda", {"mixed": 0.7}, 0.9, rehearsal=Rehearsal(-0.03, 0.01, 0.8)))  # fmt: skip
    found = findings(trials=trials, backbone="net · block3", why="it foretells <most>")
    page = render(found)
    assert '<td class="right better">+4.0 ± 2.0</td>' in page
    assert '<td class="right">−3.0 ± 2.0</td>' in page
    assert "Both seen through" in page and "it foretells &lt;most&gt;" in page
    assert "rehearsed +4.0 ± 2.0" in str(found)
    assert "through  net · block3 (it foretells <most>)" in str(found)
    assert "rehearsed" not in render(findings())


def test_without_labels_or_maps_it_still_stands() -> None:
    bare = findings(accuracy=None, unadapted=None, gain=None, trials=(), after=None, before=None, shift="",
                    classes=(ClassChange("ant", 1.0, 0.5, 0.5),), notes=())  # fmt: skip
    page = render(bare)
    assert "not measured" in page
    assert "What was tried" not in page
    assert "gain, points" not in page
    assert "moves no rows" in render(findings(method="em_prior", after=None))


@pytest.mark.parametrize(
    ("gain", "method", "style"),
    [
        (Interval(0.1, 0.05, 0.2), "coral", "good"), (Interval(-0.1, -0.2, -0.05), "coral", "bad"),
        (Interval(0.0, -0.1, 0.1), "coral", "caution"), (Interval(0.0, 0.0, 0.0), "none", "plain"),
        (None, "coral", "plain"),
    ],
)  # fmt: skip
def test_colour_is_never_the_only_sign(gain: Interval | None, method: str, style: str) -> None:
    assert outcome(findings(gain=gain, method=method))[0] == style


def test_many_classes_are_cut() -> None:
    many = tuple(ClassChange(f"class {i}", 0.01, 0.01, 0.01) for i in range(MOST_CLASSES + 7))
    assert "7 more classes" in render(findings(classes=many))
