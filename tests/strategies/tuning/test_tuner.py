"""Training of one network on one data set: kept, never done twice, and refused where it makes no sense."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from headstart.errors import DataError, TrainingError, UnknownName
from headstart.heads.ridge import Ridge
from headstart.strategies.tuning.tuner import Tuner


def again(tuner: Tuner, **changed) -> Tuner:
    facts = {"dataset": tuner.dataset, "backbone": tuner.backbone, "recipe": tuner.recipe, **changed}
    return Tuner(**facts, rows=tuner.rows, train=tuner.train, seed=tuner.seed, store=tuner.store)


def test_the_start_answers_as_the_ridge_head_does(tuner, ground) -> None:
    model, fit = tuner.start(ground.train), ground.train
    embedded = tuner.backbone.embed(
        tuner.backbone.collate([tuner.backbone.prepare(x) for x in tuner.dataset.items]), ["pool"]
    )
    X = embedded["pool"].numpy()
    expected = Ridge().fit(X[fit], tuner.labels(fit)).predict(X)
    with torch.no_grad():
        given = model(tuner.inputs(torch.arange(len(X)))).argmax(1).numpy()
    assert (given == expected).mean() > 0.99


def test_a_finished_run_is_not_done_again(tuner, ground, monkeypatch) -> None:
    fit, watch = ground.split.folds[0]
    curve = tuner.curve(fit, watch)
    model, _ = tuner.trained(fit, rounds=2)
    monkeypatch.setattr("headstart.strategies.tuning.tuner.tune", None)
    other = again(tuner)
    assert np.array_equal(other.curve(fit, watch).logits, curve.logits)
    found, _ = other.trained(fit, rounds=2)
    assert all(torch.equal(a, b) for a, b in zip(found.state_dict().values(), model.state_dict().values(), strict=True))
    with pytest.raises(TypeError):
        again(tuner, recipe=replace(tuner.recipe, lr=1e-3)).curve(fit, watch)


def test_part_of_the_way_lies_between_the_start_and_where_the_run_ends(tuner, ground) -> None:
    fit = ground.split.folds[0][0]
    start, end = tuner.start(fit).state_dict(), tuner.trained(fit, rounds=2)[0].state_dict()
    there, curve = tuner.trained(fit, rounds=2, way=0.75)
    for name, weight in there.state_dict().items():
        assert torch.allclose(weight, 0.25 * start[name] + 0.75 * end[name], atol=1e-6)
    assert curve.losses == tuner.trained(fit, rounds=2, way=1.0)[1].losses
    half = again(tuner, recipe=replace(tuner.recipe, wise=0.5)).trained(fit, rounds=2, way=0.5)[0].state_dict()
    assert torch.allclose(half["head.weight"], 0.75 * start["head.weight"] + 0.25 * end["head.weight"], atol=1e-6)


def test_refusals(tuner, ground, network) -> None:
    with pytest.raises(DataError, match="validation part is empty"):
        tuner.curve(ground.train, ground.train[:0])
    with pytest.raises(UnknownName, match="Did you mean 'layer1'"):
        again(tuner, recipe=replace(tuner.recipe, move="layer11x"))
    one = replace(tuner.dataset, labels=np.zeros(len(tuner.dataset), dtype=np.int64))
    with pytest.raises(DataError, match="of one class"):
        again(tuner, dataset=one)
    with pytest.raises(TrainingError, match="moves nothing"):
        again(tuner, recipe=replace(tuner.recipe, move="norms"))
