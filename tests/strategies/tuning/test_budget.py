"""Less time buys fewer validation runs, then fewer steps, then nothing, and each is said."""

from __future__ import annotations

import pytest

from headstart.strategies.tuning import budget
from headstart.strategies.tuning.budget import afford, affords_trials, first_repeat, seconds_per_step


@pytest.fixture
def known_speed(monkeypatch) -> None:
    monkeypatch.setattr(budget, "seconds_per_step", lambda tuner: 1.0)


def test_it_shrinks_step_by_step(tuner, ground, known_speed) -> None:
    steps = tuner.recipe.steps(len(ground.train))
    assert first_repeat(ground) == 3
    whole = afford(ground, tuner, 4 * steps * budget.LOOKING + 60)
    assert (whole.recipe, whole.folds, whole.note) == (tuner.recipe, None, "")
    one = afford(ground, tuner, 2 * steps * budget.LOOKING + 60)
    assert (one.recipe, one.folds) == (tuner.recipe, 1) and "one validation run" in one.note
    fewer = afford(ground, tuner, steps * budget.LOOKING + 1)
    assert fewer.folds == 1 and budget.FEWEST_STEPS <= fewer.recipe.steps(len(ground.train)) < steps
    nothing = afford(ground, tuner, 10.0)
    assert nothing.recipe is None and "too small" in nothing.note


def test_a_trial_costs_one_run_of_each_and_the_rest_as_the_slowest(tuner, ground, known_speed) -> None:
    run = tuner.recipe.steps(len(ground.train)) * budget.LOOKING
    assert affords_trials(ground, [tuner, tuner], 5 * run + 1)  # two first folds, two further ones, all rows
    assert not affords_trials(ground, [tuner, tuner], 5 * run - 1)


def test_a_step_is_timed_on_the_real_thing(tuner) -> None:
    assert 0 < seconds_per_step(tuner) < 60
