"""Several recipes, tried on the first fold: what the task needs goes on, and no run is done twice."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from headstart.errors import TrainingError
from headstart.strategies.tuning.entry import evaluate_tuning
from headstart.strategies.tuning.trial import lowest_loss, tried
from headstart.strategies.tuning.tuner import Tuner


@pytest.fixture
def tuner_of(ground, network, store):
    rows = np.concatenate([ground.train, ground.test])
    return lambda recipe: Tuner(
        ground.dataset, network, recipe, rows=rows, train=ground.train, seed=0, store=store
    )  # fmt: skip


def test_what_the_rule_needs_goes_on(ground, tuner_of, quick) -> None:
    """No linear head knows the sign of a product: the layers must move."""
    still, moving = tuner_of(replace(quick, move="head")), tuner_of(quick)
    trials = tried(ground, [still, moving])
    assert trials.best is moving and tried(ground, [moving, still]).best is moving
    losses = {trial.tuner: trial.loss for trial in trials.all}
    assert losses[moving] < losses[still] == lowest_loss(ground, still)
    assert "first validation part: all" in trials.note and "head" in trials.note


def test_one_alone_or_the_same_twice_is_taken_without_a_trial(ground, tuner_of, quick, store) -> None:
    first, same = tuner_of(quick), tuner_of(replace(quick, lr=1e-3))
    trials = tried(ground, [first, same])
    assert trials.best is first and trials.note == "" and not store.list().runs


def test_one_that_diverges_is_out_and_all_that_do_are_an_error(ground, tuner_of, quick) -> None:
    wild = tuner_of(replace(quick, lr=1e12, optimizer="sgd"))
    still = tuner_of(replace(quick, move="head", epochs=2))
    trials = tried(ground, [wild, still])
    assert trials.best is still and "all diverged" in trials.note
    with pytest.raises(TrainingError, match="learning rate"):
        tried(ground, [wild, tuner_of(replace(quick, move="layer1", lr=1e12, optimizer="sgd"))])


def test_the_entry_is_the_winners_and_its_trial_is_not_run_again(ground, network, quick, store) -> None:
    entry = evaluate_tuning(ground, network, replace(quick, move="head"), rivals=[quick], store=store)
    assert entry.training.move == "all" and entry.name.endswith("all")
    assert "what moves was chosen" in entry.note and any("head" in note for note in entry.training.notes)
    (runs,) = [runs for runs in store.list().runs if runs.kind == "tuned"]
    assert runs.count == entry.training.fits + 1 + 1  # the folds, the loser's first, the run on all rows
    alone = evaluate_tuning(ground, network, quick, store=store)
    assert np.array_equal(alone.test, entry.test) and np.array_equal(alone.runs, entry.runs)
