"""The whole diagnosis: right answers in small worlds, a clear word for every kind of bad input."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from headstart.diagnosis.diagnosing import diagnose_features
from headstart.diagnosis.findings import Diagnosis
from headstart.diagnosis.side import Side
from headstart.problem import Domain

from .pairs import labels_of, pair


def answers(found: Diagnosis) -> dict[str, str]:
    return {condition.name: condition.answer for condition in found.conditions}


def renamed(side: Side) -> Side:
    """Two columns replaced by others."""
    X = np.concatenate([side.X[:, :4], np.random.default_rng(9).standard_normal((len(side), 2))], axis=1)
    return replace(side, X=X, domain=Domain("vector", side.name, ("c0", "c1", "c2", "c3", "n0", "n1")))


@pytest.mark.parametrize(
    ("world", "differing"),
    [
        ({}, ()),
        ({"shift": 0.6}, ("P(X)",)),
        ({"concept": True}, ("P(Y|X)",)),
        ({"shift": 0.6, "concept": True}, ("P(X)", "P(Y|X)")),
    ],
)
def test_the_right_conditions_are_named(world: dict[str, object], differing: tuple[str, ...]) -> None:
    source, target = pair(700, seed=4, **world)
    assert diagnose_features(source, target).differing == differing
    assert diagnose_features(source, renamed(target)).differing == ("X", *differing)


def test_enough_rows_of_one_problem_are_called_the_same() -> None:
    found = diagnose_features(*pair(2000, seed=1))
    assert set(answers(found).values()) == {"same"}
    assert found.setting.variety == "same problem"


def test_without_target_labels_the_fourth_cannot_be_known() -> None:
    found = diagnose_features(*pair(400, shift=0.6, labelled=False))
    assert answers(found)["P(Y|X)"] == "unknown"
    assert "no target row is labelled" in found["P(Y|X)"].reason
    assert found.setting.kind == "transductive"
    assert found.expected is not None
    assert any("label 30" in step for step in found.next_steps)


def test_a_drop_in_accuracy_is_not_taken_for_other_labels() -> None:
    source, target = pair(700, seed=2)
    target = replace(target, X=target.X * 0.3)  # nearer to the border: harder, with the same labels at the same x
    rng = np.random.default_rng(0)
    proba = 1 / (1 + np.exp(-target.X @ np.array([1.5, -1.5, 1, 0, 0, 0])))
    target = replace(target, labels=(rng.random(700) < proba).astype(int))
    found = diagnose_features(source, target)
    assert found.harm is not None
    assert found.harm.loss.low > 0.05
    assert answers(found)["P(Y|X)"] != "differs"
    assert "no evidence" in found["P(Y|X)"].reason


def test_it_is_deterministic_and_plain() -> None:
    first, second = (diagnose_features(*pair(200, shift=0.5), seed=3) for _ in range(2))
    plain = first.to_dict()
    assert {**plain, "seconds": 0} == {**second.to_dict(), "seconds": 0}
    assert json.loads(json.dumps(plain, allow_nan=False))["differing"] == list(first.differing)
    assert "P(Y|X)" in str(first)


def test_statistical_significance_alone_is_not_a_difference() -> None:
    """A tiny shift, much data: p is small, the effect is nothing."""
    rng = np.random.default_rng(0)
    first, second = rng.standard_normal((2000, 3)), rng.standard_normal((2000, 3))
    second += 0.05
    weights = np.array([2.0, -2.0, 1.0])
    sides = [Side.of(X, labels_of(X, weights, rng)) for X in (first, second)]
    found = diagnose_features(sides[0], sides[1])
    assert found["P(X)"].p <= 0.05
    assert answers(found)["P(X)"] == "same"
    assert "negligible" in found["P(X)"].reason
    blind = diagnose_features(sides[0], replace(sides[1], labels=np.full(2000, -1)))
    assert answers(blind)["P(X)"] == "unknown", "what it costs is not known without labels"


# Bad input: a clear word for each, never a wrong verdict.


def test_another_modality() -> None:
    source, target = pair(50)
    found = diagnose_features(source, replace(target, domain=Domain("text", "texts")))
    assert answers(found)["X"] == "differs"
    assert answers(found)["P(X)"] == "unknown"
    assert "text samples" in found["X"].reason


def test_another_order_of_columns() -> None:
    source, target = pair(300, seed=5)
    order = [3, 1, 5, 0, 2, 4]
    shuffled = replace(target, X=target.X[:, order],
                       domain=Domain("vector", "new", tuple(f"c{i}" for i in order)))  # fmt: skip
    found = diagnose_features(source, shuffled)
    assert answers(found)["X"] == "same"
    assert "P(X)" not in found.differing
    assert any("matched by name" in note for note in found.notes)


def test_constant_and_missing_columns() -> None:
    source, target = pair(300, seed=5)
    first, second = source.X.copy(), target.X.copy()
    first[:, 4] = second[:, 4] = 3.0
    second[:, 5] = np.nan
    found = diagnose_features(replace(source, X=first), replace(target, X=second))
    assert "P(X)" not in found.differing
    assert any("'c4' constant" in note for note in found.notes)
    assert any("'c5' mostly without values" in note for note in found.notes)


@pytest.mark.parametrize("rows", [(1, 100), (100, 1), (1, 1), (2, 2)])
def test_one_row_sides(rows: tuple[int, int]) -> None:
    source, target = pair(100)
    found = diagnose_features(source.take(np.arange(rows[0])), target.take(np.arange(rows[1])))
    assert found.differing == ()
    assert found["P(X)"].answer == "unknown"


def test_one_class_only() -> None:
    source, target = pair(300, seed=1)
    one = replace(source, labels=np.zeros(300, dtype=int)), replace(target, labels=np.zeros(300, dtype=int))
    found = diagnose_features(*one)
    assert answers(found)["P(Y|X)"] == "unknown"
    assert "1 class is shared" in found["P(Y|X)"].reason


def test_all_rows_identical() -> None:
    ones = np.ones((60, 3))
    labels = ["a", "b"] * 30
    found = diagnose_features(Side.of(ones, labels), Side.of(ones, labels))
    assert found.differing == ()
    assert "every row equals every other" in found["P(X)"].reason


def test_sides_without_any_spread_that_lie_apart() -> None:
    ones, labels = np.ones((60, 3)), ["a", "b"] * 30
    found = diagnose_features(Side.of(ones, labels), Side.of(2 * ones, labels))
    assert found.differing == ("P(X)",)
    varied = np.random.default_rng(0).standard_normal((60, 3))
    assert diagnose_features(Side.of(ones, labels), Side.of(varied, labels)).differing == ("P(X)",)


def test_a_class_on_one_side_only() -> None:
    source, target = pair(400, seed=1)
    kept = replace(target, labels=np.where(target.labels == 0, -1, target.labels))
    found = diagnose_features(source, kept)
    assert found.labels is not None
    assert found.labels.sets == "partial"
    assert "only in the source: no" in found["Y"].reason
    assert answers(found)["P(Y|X)"] == "unknown"


def test_the_same_rows_on_both_sides() -> None:
    source, target = pair(300, seed=1)
    X, labels = target.X.copy(), target.labels.copy()
    X[:120], labels[:120] = source.X[:120], source.labels[:120]
    found = diagnose_features(source, replace(target, X=X, labels=labels))
    assert any("120 of 300 target rows are also in the source" in note for note in found.notes)
    assert found.harm is not None
    assert found.harm.target.n == 180


def test_common_rows_of_one_class_make_no_difference() -> None:
    """Half of the rows of one class are a blank that both sides hold: two samples of one problem all the same."""
    rng = np.random.default_rng(3)
    sides = []
    for _ in range(2):
        labels = rng.integers(0, 2, 900)
        X = rng.standard_normal((900, 4)) + labels[:, None]
        X[(labels == 0) & (rng.random(900) < 0.5)] = -9.0
        sides.append(Side.of(X, labels, classes=("no", "yes")))
    found = diagnose_features(sides[0], sides[1])
    assert found.differing == ()
    assert found["P(Y)"].answer != "differs"
    assert found.harm is not None
    assert abs(found.harm.loss.value) < 0.05


def test_one_data_set_against_itself() -> None:
    source, _ = pair(200)
    found = diagnose_features(source, source)
    assert found.differing == ()
    assert any("200 of 200" in note for note in found.notes)


def test_fewer_rows_than_columns() -> None:
    rng = np.random.default_rng(0)
    labels = ["a", "b"] * 20
    found = diagnose_features(
        Side.of(rng.standard_normal((40, 500)), labels), Side.of(rng.standard_normal((40, 500)), labels)
    )
    assert found.differing == ()
    assert answers(found)["P(Y|X)"] == "unknown"
    assert "of the variance" in found["P(Y|X)"].reason


def test_too_few_groups() -> None:
    source, target = pair(100, shift=3.0)
    groups = np.repeat(["g1", "g2"], 50), np.repeat(["g3", "g4"], 50)
    found = diagnose_features(replace(source, groups=groups[0]), replace(target, groups=groups[1]))
    assert answers(found)["P(X)"] == "unknown"
    assert "too few rows or groups" in found["P(X)"].reason
