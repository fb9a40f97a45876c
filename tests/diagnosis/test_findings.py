"""What a person reads."""

from __future__ import annotations

from dataclasses import replace

import pytest

from headstart.diagnosis.diagnosing import diagnose_features
from headstart.diagnosis.findings import CONDITIONS, Diagnosis
from headstart.diagnosis.foretelling import Expected

from .pairs import pair


@pytest.fixture(scope="module")
def found() -> Diagnosis:
    return diagnose_features(*pair(300, shift=0.7, concept=True))


def test_the_table_has_a_line_and_a_reason_for_each_condition(found: Diagnosis) -> None:
    lines = str(found).splitlines()
    for name in CONDITIONS:
        assert sum(line.startswith((f"{name} ", f"{name}:")) for line in lines) == 2


def test_conditions_are_found_by_name(found: Diagnosis) -> None:
    assert found["P(X)"].name == "P(X)"
    assert found.differing == tuple(name for name in CONDITIONS if found[name].answer == "differs")


def test_machines_get_everything_but_the_points(found: Diagnosis) -> None:
    plain = found.to_dict()
    assert "picture" not in plain
    assert plain["setting_name"] == found.setting.name
    assert plain["harm"]["loss"]["value"] == found.harm.loss.value if found.harm else False


def test_costs_are_said_only_where_known(found: Diagnosis) -> None:
    assert "source head" in found.cost_lines()[0]
    assert replace(found, harm=None, more_labels=()).cost_lines() == []


def test_a_forecast_without_overlap_is_called_a_guess(found: Diagnosis) -> None:
    assert found.marginals is not None
    blind = replace(found, harm=None, more_labels=(), expected=Expected(0.9, 0.8, 0.85))
    assert len(blind.loss_lines()) == 1
    far = replace(blind, marginals=replace(found.marginals, effective_share=0.01))
    assert "a guess" in far.loss_lines()[1]


def test_class_shares_follow_the_classes(found: Diagnosis) -> None:
    assert [one.name for one in found.rows_of_table] == ["X", "P(X)", "Y", "P(Y)", "P(Y|X)"]
    assert found["P(Y)"] is found.shares
    assert "P(Y)" not in found.differing


def test_shares_are_listed_with_what_estimates_rest_on(found: Diagnosis) -> None:
    assert found.share_lines()[0].startswith("class shares, counted: ")
    blind = diagnose_features(*pair(300, shift=0.7, labelled=False))
    lines = blind.share_lines()
    assert lines[0].startswith("class shares, estimated: ")
    assert "BBSE differs by" in lines[1]
    assert "condition of the confusion matrix" in lines[1]
