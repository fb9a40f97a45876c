"""A fine-tuned network as a candidate: it wins where features are wrong, and costs nothing where they are right."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from headstart.data.samples import VectorRows
from headstart.errors import TrainingError
from headstart.strategies.feature_extraction import evaluate_backbone
from headstart.strategies.ground import Ground
from headstart.strategies.tuning import entry as module
from headstart.strategies.tuning.entry import Scored, evaluate_tuning
from headstart.strategies.tuning.looks import Curve
from headstart.strategies.tuning.recipe import TuningRecipe
from headstart.strategies.tuning.rounds import way_of


@pytest.fixture(scope="module")
def tuned(ground, network, quick, tmp_path_factory):
    from headstart.features.store import Store

    store = Store(tmp_path_factory.mktemp("store"))
    frozen = evaluate_backbone(ground, network, store=store, layers=["pool"], heads=["ridge"])[0]
    return frozen, evaluate_tuning(ground, network, quick, store=store)


def test_it_gains_where_the_frozen_features_are_wrong(tuned, ground) -> None:
    frozen, entry = tuned
    assert entry.test_score(ground).value > frozen.test_score(ground).value + 0.05
    assert entry.validation_score(ground).value > frozen.validation_score(ground).value + 0.05
    assert not np.isnan(entry.validation).any() and entry.runs.shape == (1, len(ground.train))


def test_the_model_is_the_whole_network_with_its_head(tuned, ground, network) -> None:
    entry = tuned[1]
    assert entry.map.backbone.fingerprint != network.fingerprint
    again = entry.head.predict_proba(entry.map.matrix(ground.dataset.take(ground.test)))
    assert again == pytest.approx(entry.test, abs=1e-6)


def test_what_is_reported_is_what_happened(tuned, ground) -> None:
    training = tuned[1].training
    assert training.fits == 3 and 0 < training.kept <= 12
    assert len(training.validation) == len(training.accuracy) >= training.kept + 1
    assert len(training.losses) == training.kept
    assert training.moved < training.numbers  # the network's own classifier is no part of it
    assert training.recipe["move"] == "all"
    assert training.way == way_of(TuningRecipe.from_json(training.recipe), len(ground.train), rounds=training.kept)


def test_how_far_it_goes_is_how_early_it_ends(ground, network, quick, store, monkeypatch) -> None:
    """Random weights are no start to stay near."""
    monkeypatch.setattr(module, "best_round", lambda curves, labels, *, least: 1)
    two = replace(quick, epochs=2)
    entry = evaluate_tuning(ground, network, two, store=store, folds=1)
    assert entry.training.way == 0.75 and len(entry.training.losses) == 1
    scratch = evaluate_tuning(ground, network, two, store=store, folds=1, kind="from scratch")
    assert scratch.training.way == 1.0 and not np.array_equal(scratch.test, entry.test)


def test_only_test_labels_turned_around_change_nothing_but_the_score(tuned, ground, network, quick, store) -> None:
    labels = ground.labels.copy()
    labels[ground.test] = 1 - labels[ground.test]
    spoilt = Ground(replace(ground.dataset, labels=labels), ground.split, ground.seed)
    entry = evaluate_tuning(spoilt, network, quick, store=store)
    assert np.array_equal(entry.test, tuned[1].test) and np.array_equal(entry.runs, tuned[1].runs)


def test_one_fold_is_said_so(ground, network, quick, store) -> None:
    entry = evaluate_tuning(ground, network, replace(quick, epochs=2), store=store, folds=1)
    assert "one validation part" in entry.note and entry.training.fits == 1
    assert np.isnan(entry.validation).any()


def test_where_training_does_not_help_the_start_is_kept(ground, network, quick, store) -> None:
    rng = np.random.default_rng(1)
    noise = replace(ground.dataset, items=VectorRows(rng.standard_normal((400, 6)).astype(np.float32)))
    entry = evaluate_tuning(Ground(noise, ground.split), network, quick, store=store)
    if entry.training.kept == 0:
        assert "frozen network was kept" in entry.note and entry.training.losses == ()
        assert entry.head_name == "average"
    assert entry.test_score(ground).value < 0.65


def test_where_no_round_is_kept_the_best_frozen_head_is_delivered(ground, network, quick, store, monkeypatch) -> None:
    monkeypatch.setattr("headstart.strategies.tuning.rounds.AHEAD", np.inf)
    entry = evaluate_tuning(ground, network, replace(quick, epochs=2), store=store)
    frozen = evaluate_backbone(ground, network, store=store, layers=["pool"], heads=["average"])[0]
    assert entry.training.kept == 0 and entry.head_name == "average"
    assert entry.test == pytest.approx(frozen.test, abs=1e-5)
    assert entry.validation == pytest.approx(frozen.validation, abs=1e-5)
    assert entry.map.backbone.fingerprint == network.fingerprint


def test_a_fold_has_no_say_in_when_its_own_model_stops() -> None:
    labels = np.arange(20) % 2
    right, wrong = (8 * np.eye(2)[labels] - 4).astype(np.float32), (4 - 8 * np.eye(2)[labels]).astype(np.float32)
    mute = np.zeros((20, 2), dtype=np.float32)
    early, late = Curve(np.stack([mute, right, wrong]), (1.0, 1.0)), Curve(np.stack([mute, wrong, right]), (1.0, 1.0))
    scored = Scored([early, late], [np.arange(20), np.arange(20, 40)], [labels, labels])
    assert (scored.proba(0).argmax(1) == labels).mean() == 0  # told by the other one to stop late
    assert (scored.proba(1).argmax(1) == labels).mean() == 0
    alone = Scored([early], [np.arange(20)], [labels])
    assert alone.kept == 1 and (alone.proba(0).argmax(1) == labels).all()


def test_a_network_that_answers_otherwise_than_its_part_is_refused(ground, network, quick, store, monkeypatch) -> None:
    real = module.delivered

    def broken(model, tuner):
        state = real(model, tuner).state()
        return network.with_state({**state, "layer1.0.weight": torch.zeros_like(state["layer1.0.weight"])})

    monkeypatch.setattr(module, "delivered", broken)
    with pytest.raises(TrainingError, match="answers otherwise"):
        evaluate_tuning(ground, network, replace(quick, epochs=2), store=store, folds=1)
