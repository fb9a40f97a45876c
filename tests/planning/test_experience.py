"""Beliefs about training, against the formulas written out and against simulation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.planning.experience import ENOUGH, Lead, expected_error, scratch_lead, tuning_lead
from headstart.results import Interval

FINITE = st.floats(-0.3, 0.3)
ERRORS = st.floats(0.005, 0.3)


@given(FINITE, ERRORS, FINITE, ERRORS)
def test_a_measurement_moves_the_belief_towards_it_and_makes_it_surer(
    value: float, error: float, seen: float, luck: float
) -> None:
    after = Lead(value, error).measured(seen, luck)
    assert min(value, seen) - 1e-9 <= after.value <= max(value, seen) + 1e-9
    assert after.error < min(error, luck) + 1e-12


@pytest.mark.parametrize(("value", "taken"), [(0.03, True), (0.03, False), (-0.02, False), (0.0, False)])
def test_what_asking_is_worth_is_what_it_adds_on_average(value: float, taken: bool) -> None:
    lead, error, rng = Lead(value, 0.04), 0.05, np.random.default_rng(0)
    truth = rng.normal(value, 0.04, 200_000)
    seen = truth + rng.normal(0, error, len(truth))
    weight = 0.04**2 / (0.04**2 + error**2)
    after = value + weight * (seen - value)
    gained = np.where(after > 0, truth, 0.0).mean() - (truth.mean() if taken else 0.0)
    assert lead.worth(error, taken=taken) == pytest.approx(gained, abs=4e-4)


def test_asking_is_worth_less_the_surer_one_is_and_the_worse_the_answer() -> None:
    assert Lead(0.05, 0.01).worth(0.03, taken=True) < Lead(0.01, 0.01).worth(0.03, taken=True)
    assert Lead(0.0, 0.03).worth(0.1, taken=False) < Lead(0.0, 0.03).worth(0.01, taken=False)


def test_fine_tuning_is_expected_to_pay_with_many_labels_alone_and_in_shares_of_the_errors() -> None:
    assert tuning_lead(0.8, ENOUGH["image"], "image").likely
    assert not tuning_lead(0.8, ENOUGH["image"] - 1, "image").likely
    assert tuning_lead(0.8, 20, "text").likely
    assert tuning_lead(0.9, 60, "vector").value == pytest.approx(tuning_lead(0.8, 60, "vector").value / 2)
    assert tuning_lead(1.0, 60, "vector").value < 0.001


def test_learning_from_nothing_is_expected_near_the_raw_input_and_never_above_all_errors() -> None:
    assert scratch_lead(0.9, 0.6, 0.02).chance < 1e-6
    assert scratch_lead(0.9, 0.9, 0.0).value > 0
    assert scratch_lead(0.98, 1.0, 0.0).value == pytest.approx(0.01)
    assert scratch_lead(0.9, 0.8, 0.05).error > scratch_lead(0.9, 0.8, 0.0).error


def test_a_lead_is_told_as_an_accuracy() -> None:
    best = Interval(0.9, 0.85, 0.95)
    told = Lead(0.02, 0.03).beside(best)
    assert told.value == pytest.approx(0.92)
    assert told.high - told.value > 0.05
    assert Lead(0.5, 0.01).beside(best).value == 1.0
    assert expected_error(0.8, 400) < expected_error(0.8, 40)
