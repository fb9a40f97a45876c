"""From evidence to answers: gate-keeping, equivalence before "same", effect before p."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from headstart.diagnosis.conditionals import Conditionals
from headstart.diagnosis.findings import LabelFindings, Marginals
from headstart.diagnosis.harm import Harm
from headstart.diagnosis.labels import counted_priors
from headstart.diagnosis.omnibus import Omnibus
from headstart.diagnosis.schema import Schema
from headstart.diagnosis.verdict import Evidence, conditions_of, shares_of
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
        (0.4, Interval(0.53, 0.47, 0.59), NOTHING, "unknown"),
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


def test_parts_that_cancel_are_not_the_same() -> None:
    """P(X) costs ten points, other labels at the same x bring them back."""
    found = evidence(0.4, CHANCE, NOTHING)
    assert found.harm is not None
    cancelling = replace(found.harm, x_part=Interval(0.1, 0.07, 0.13), label_part=Interval(-0.1, -0.13, -0.07))
    assert conditions_of(replace(found, harm=cancelling))[1].answer == "unknown"


def test_a_small_difference_without_labels_is_neither() -> None:
    assert conditions_of(evidence(0.001, CHANCE, None))[1].answer == "unknown"


def test_another_unit_leaves_the_feature_space_open() -> None:
    found = evidence(0.4, CHANCE, NOTHING)
    doubtful = replace(found, schema=replace(found.schema, doubt="'a' spreads 1e+03 times as far"))
    assert conditions_of(doubtful)[0].answer == "unknown"
    assert "1e+03" in conditions_of(doubtful)[0].reason


def test_class_shares_are_a_row_of_their_own() -> None:
    codes = np.repeat([0, 1], 400), np.repeat([0, 1], [700, 100])
    found = evidence(0.4, CHANCE, NOTHING)
    assert shares_of(found) is None
    for labels, answer in (((codes[0], codes[1]), "differs"), ((codes[0][::40], codes[0][::40]), "unknown")):
        priors = counted_priors(("a", "b"), *labels)
        shares = shares_of(replace(found, labels=replace(found.labels, priors=priors)))
        assert shares is not None
        assert (shares.name, shares.answer) == ("P(Y)", answer)
    many = counted_priors(("a", "b"), np.tile(codes[0], 20), np.tile(codes[0], 20))
    assert shares_of(replace(found, labels=replace(found.labels, priors=many))).answer == "same"


def test_estimated_shares_count_only_where_they_explain_what_is_seen() -> None:
    found = evidence(0.001, CLEAR, None)
    priors = replace(counted_priors(("a", "b"), np.repeat([0, 1], 400), np.repeat([0, 1], [700, 100])), how="estimated")
    answers = []
    for alone in (0.4, 0.001, float("nan")):
        labels = replace(found.labels, priors=priors, shift_alone=alone)
        shares = shares_of(replace(found, labels=labels))
        assert shares is not None
        answers.append(shares.answer)
    assert answers == ["differs", "unknown", "unknown"]


def test_few_rows_may_miss_a_class() -> None:
    lacking = replace(evidence(0.5, CHANCE, None), labels=LabelFindings("partial", ("a",), ("b",), (), absence=0.4))
    assert conditions_of(lacking)[2].answer == "unknown"
    assert conditions_of(replace(lacking, labels=replace(lacking.labels, absence=0.001)))[2].answer == "differs"


def test_without_rows_nothing_is_claimed() -> None:
    none = replace(evidence(0.5, CHANCE, None), marginals=None, labels=LabelFindings("unknown", (), (), ()))
    assert {condition.answer for condition in conditions_of(none)} == {"unknown"}
