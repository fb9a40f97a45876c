"""What came of an adaptation, in words and for machines."""

from __future__ import annotations

import json
from typing import Any

import pytest

from headstart.adaptation.auto import Trial
from headstart.adaptation.findings import AdaptationFindings, ClassChange, verdict
from headstart.results import Interval


def findings(**changes: Any) -> AdaptationFindings:
    plain: dict[str, Any] = {
        "source": "old", "target": "new", "rows": (40, 30), "backbone": "raw", "method": "coral",
        "shift": "features differ", "changed": 0.25, "accuracy": 0.9, "unadapted": 0.7, "gain": Interval(0.2, 0.1, 0.3),
        "trials": (Trial("none", {"information": 1.0, "mixed": 0.5}, 0.25),
                   Trial("coral", {"information": 2.0, "mixed": 0.75}, 0.75), Trial("pivots", {}, 0.0, "no pivot")),
        "classes": (ClassChange("ant", 0.5, 0.6, 0.4, 10, 0.9, 0.8), ClassChange("bee", 0.5, 0.4, 0.6)),
    }  # fmt: skip
    return AdaptationFindings(**{**plain, **changes})


def test_in_words() -> None:
    page = str(findings(notes=("two samples left out",)))
    assert "adapting helps: +20.0 points [+10.0, +30.0]" in page
    assert "* coral" in page
    assert "no pivot" in page
    assert "note: two samples left out" in page
    assert page.index("* coral") < page.index("none  ")


def test_for_machines() -> None:
    plain = json.loads(json.dumps(findings().to_dict()))
    assert plain["per_class"] == {"ant": pytest.approx(-0.1)}
    assert plain["gain"]["low"] == 0.1
    assert plain["classes"][1]["unadapted"] is None
    assert "before" not in plain


def test_without_labels_nothing_is_claimed() -> None:
    nothing = findings(accuracy=None, unadapted=None, gain=None)
    assert nothing.verdict.startswith("not measured")
    assert "accuracy" not in str(nothing)
    assert "nothing was adapted" in findings(method="none", gain=None).verdict


def test_the_verdict() -> None:
    assert verdict(Interval(-0.1, -0.2, -0.05)).startswith("negative transfer: -10.0 points")
    assert verdict(Interval(0.01, -0.02, 0.04)).startswith("no clear difference")
