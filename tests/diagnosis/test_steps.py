"""What to measure next."""

from __future__ import annotations

from headstart.diagnosis.conditionals import NO_OVERLAP
from headstart.diagnosis.findings import Answer, Condition, LabelFindings
from headstart.diagnosis.labels import ClassMap
from headstart.diagnosis.steps import next_steps

LABELS = LabelFindings("closed", ("a", "b"), (), ())


def conditions(marginal: Answer, conditional: Answer) -> tuple[Condition, ...]:
    return Condition("P(X)", marginal, ""), Condition("P(Y|X)", conditional, "")


def test_open_questions_name_their_price() -> None:
    assert "label 25 or more" in next_steps(conditions("same", "unknown"), LABELS, None, (100, 5))[0]
    assert "more labelled rows" in next_steps(conditions("same", "unknown"), LABELS, None, (100, 80))[0]
    assert "smaller side" in next_steps(conditions("unknown", "same"), LABELS, None, (100, 80))[0]
    assert "label source rows" in next_steps(conditions("same", "same"), LABELS, None, (0, 80))[0]


def test_advice_fits_the_reason() -> None:
    apart = (conditions("differs", "same")[0], Condition("P(Y|X)", "unknown", f"{NO_OVERLAP}: nothing to compare"))
    assert "look like the target" in next_steps(apart, LABELS, None, (100, 100))[0]
    one = LabelFindings("closed", ("a",), (), ())
    assert "two classes" in next_steps(conditions("same", "unknown"), one, None, (100, 100))[0]


def test_a_suggested_map_is_to_be_checked() -> None:
    labels = LabelFindings("disjoint", (), ("ant",), ("fourmi",), map=ClassMap((("ant", "fourmi", 0.9),)))
    assert "ant = fourmi (90%)" in next_steps(conditions("differs", "same"), labels, None, (9, 99))[0]


def test_when_all_is_settled_transfer_is_next() -> None:
    assert "headstart transfer" in next_steps(conditions("same", "differs"), LABELS, None, (99, 99))[0]
