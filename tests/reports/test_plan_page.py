"""The page of a plan: whole, escaped, without anything from outside."""

from __future__ import annotations

from dataclasses import replace

from headstart.reports.plan_page import render

from ..planning.worlds import made_plan


def test_everything_is_escaped_and_nothing_is_fetched() -> None:
    page = render(made_plan())
    for raw in ("<b>net", "<i>", "<b>best"):
        assert raw not in page
    assert "http://" not in page
    assert "https://" not in page
    assert "src=" not in page


def test_the_plan_and_its_pictures_stand_on_it() -> None:
    page = render(made_plan())
    for words in ("small and similar", "+20.0", "refused, too large", "R² .2 is too low", "a note", "<svg"):
        assert words in page
    for picture in ("Layer profile", "Learning curve", "Gain against cost"):
        assert f"<title>{picture}</title>" in page


def test_a_plan_without_evidence_still_has_a_page() -> None:
    plan = made_plan()
    silent = replace(plan.options[0], accuracy=None, over_scratch=None, over_target_only=None, abstained="one row")
    bare = replace(plan, options=(silent,), cell=None, profile=(), curve=(), beyond=None)
    page = render(bare)
    assert "every probe abstains" in page
    assert "<svg" not in page
