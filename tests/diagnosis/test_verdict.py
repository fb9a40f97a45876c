"""From evidence to answers: gate-keeping, equivalence before "same", effect before p."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from headstart.diagnosis.conditionals import Conditionals
from headstart.diagnosis.findings import LabelFindings, Marginals
from headstart.diagnosis.harm import Harm
from headstart.diagnosis.omnibus import Omnibus
from headstart.diagnosis.schema import Schema
from headstart.diagnosis.verdict import Evidence, conditions_of
from headstart.results import Interval
from headstart.stats.intervals import accuracy_score_interval


def evidence(p: float, auc: Interval, loss: Interval | None, conditional: Conditionals | None = None) -> Evidence:
    marginals = Marginals(Omnibus(p, {"squares": p}, (9, 9), 0.0025), auc, 0.0, 1.0, Interval(0.01, 0, 0.02), ())
    score = accuracy_score_interval(np.ones(5000))
    cost = None if loss is None else Harm(score, score, loss, loss, loss)
    unknown = conditional or Conditionals("cannot tell", "none")
    labels = LabelFindings("closed", ("a", "b"), (), ())
    return Evidence(Schema(True, 3, "both have 3 columns"), marginals, labels, unknown, cost, False, 0.05, 0.05)


CHANCE, CLEAR = Interval(0.51, 0.49, 0.53), Interval(0.8, 0.75, 0.85)
NOTHING, MUCH, VAGUE = Interval(0.0, -0.02, 0.02), Interval(0.2, 0.15, 0.25), Interval(0.0, -0.2, 0.2)


@pytest.mark.parametrize(
    ("p", "auc", "loss", "answer"),
    [
        (0.001, CLEAR, MUCH, "differs"),
        (0.001, CLEAR, None, "differs"),
        (0.001, CHANCE, NOTHING, "same"),
        (0.001, CHANCE, MUCH, "differs"),
        (0.4, CHANCE, NOTHING, "same"),
        (0.4, CHANCE, VAGUE, "unknown"),
        (0.4, CHANCE, None, "unknown"),
    ],
)
def test_p_of_x(p: float, auc: Interval, loss: Interval | None, answer: str) -> None:
    assert conditions_of(evidence(p, auc, loss))[1].answer == answer


@pytest.mark.parametrize(
    ("found", "loss", "answer"),
    [
        (Conditionals("differs", "", 0.004), MUCH, "differs"),
        (Conditionals("differs", "", 0.04), MUCH, "unknown"),  # not once both questions are counted
        (Conditionals("not seen", "", 0.5), NOTHING, "same"),
        (Conditionals("not seen", "", 0.5), VAGUE, "unknown"),
        (Conditionals("inconclusive", "", 0.2), NOTHING, "unknown"),
        (Conditionals("differs", "", 0.004), Interval(0.0, -0.004, 0.004), "same"),
    ],
)
def test_p_of_y_given_x(found: Conditionals, loss: Interval, answer: str) -> None:
    assert conditions_of(evidence(0.9, CHANCE, loss, found))[3].answer == answer


def test_few_rows_may_miss_a_class() -> None:
    lacking = replace(evidence(0.5, CHANCE, None), labels=LabelFindings("partial", ("a",), ("b",), (), absence=0.4))
    assert conditions_of(lacking)[2].answer == "unknown"
    assert conditions_of(replace(lacking, labels=replace(lacking.labels, absence=0.001)))[2].answer == "differs"


def test_without_rows_nothing_is_claimed() -> None:
    none = replace(evidence(0.5, CHANCE, None), marginals=None, labels=LabelFindings("unknown", (), (), ()))
    assert {condition.answer for condition in conditions_of(none)} == {"unknown"}
