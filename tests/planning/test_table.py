"""The plan as a person reads it."""

from __future__ import annotations

from dataclasses import replace

from headstart.planning.plan import Plan


def test_the_answer_comes_first(plan: Plan) -> None:
    lines = str(plan).splitlines()
    assert lines[0] == "photos <i>: 120 labelled image samples of 3 classes"
    assert lines[2] == "Do this: frozen · timm/<b>net · a…b"
    assert "+20.0 [+10.0, +30.0] points over learning from scratch" in lines[3]
    assert "chance of negative transfer <1 %" in lines[3]


def test_options_limits_and_silence_are_shown(plan: Plan) -> None:
    text = str(plan)
    assert "* frozen · timm/<b>net · a…b" in text
    assert "fine-tune last2 · timm/<b>net: R² .2 is too low" in text
    assert "frozen · big · pool: refused: too large" in text
    assert "small and similar" in text
    assert "180: .930 expected" in text
    assert "note: a note" in text


def test_long_lists_are_counted(plan: Plan) -> None:
    many = replace(plan, options=plan.options[:1] * 20)
    assert "and 8 more in the plan's file" in str(many)


def test_no_evidence_is_said(plan: Plan) -> None:
    silent = replace(plan, options=(replace(plan.options[0], accuracy=None, abstained="one row each"),), cell=None)
    assert "every probe abstains" in str(silent)
