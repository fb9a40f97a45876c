"""What a recipe adds is written only where it is on, read back, refused where it is impossible, and changes the run."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from headstart.errors import ModelError, UnknownName
from headstart.strategies.tuning.additions import Additions
from headstart.strategies.tuning.looks import RoundCheckpoint
from headstart.strategies.tuning.objective import objective_of
from headstart.strategies.tuning.recipe import FILE, TuningRecipe, read_recipe
from headstart.strategies.tuning.run import batches_of, logits_of, schedule_of, tune
from headstart.training.loop import train

ON = {
    "unfreeze": 0.5,
    "rates": "relative",
    "mixup": 0.2,
    "cutmix": 1.0,
    "average": 0.9,
    "stochastic_norm": 0.5,
    "accumulate": 2,
    "class_weights": "balanced",
    "precision": "auto",
}


def run(tuner, ground, recipe, *, rounds=3, **options):
    fit, watch = ground.split.folds[0]
    model = tuner.start(fit)
    rows = {"recipe": recipe, "watch": watch, "seed": 0, "rounds": rounds}
    return model, tune(model, tuner.inputs, fit, tuner.labels(fit), **rows, **options)


def by_hand(tuner, ground, recipe, **options):
    """The bare loop for three rounds, without anything that a recipe may add."""
    fit, watch = ground.split.folds[0]
    model = tuner.start(fit)
    batches = batches_of(tuner.inputs, fit, tuner.labels(fit), recipe, n_classes=2, seed=0)
    rates = {f"part.{name}": recipe.decay ** model.depth(name) for name, _ in model.part.named_parameters()}
    schedule, last = schedule_of(recipe, recipe.steps(len(fit))), 3 * recipe.steps_per_round(len(fit))
    objective = objective_of(model, recipe, tuner.labels(fit))
    for step in train(model, batches, objective=objective, schedule=schedule, rates=rates, seed=0, **options):
        if step.number == last:
            break
    return logits_of(model, tuner.inputs, watch)


def test_without_additions_the_run_is_the_bare_loop(tuner, ground) -> None:
    _, curve = run(tuner, ground, tuner.recipe)
    assert np.array_equal(curve.logits[-1], by_hand(tuner, ground, tuner.recipe))


def test_what_is_off_is_not_written(tmp_path) -> None:
    assert set(ON) == set(Additions.__dataclass_fields__)
    assert not TuningRecipe().additions() and not TuningRecipe().to_json().keys() & ON.keys()
    recipe = TuningRecipe(batch_norm="train", **ON)
    assert recipe.additions() == ON and recipe.to_json().items() >= ON.items()
    (tmp_path / FILE).write_text(json.dumps(recipe.to_json()))
    assert read_recipe(tmp_path) == recipe


@pytest.mark.parametrize("change", [{"unfreez": 0.5}, {"mixup": "much"}, {"accumulate": 1.5}, {"soup": 3}])
def test_what_is_unknown_or_impossible_is_refused_when_read(tmp_path, change) -> None:
    (tmp_path / FILE).write_text(json.dumps({**TuningRecipe().to_json(), **change}))
    with pytest.raises(ModelError, match="recipe"):
        read_recipe(tmp_path)


@pytest.mark.parametrize(
    "wrong",
    [{"unfreeze": 1.0}, {"average": 1.0}, {"average": -0.1}, {"mixup": -1.0}, {"cutmix": -0.5}, {"mixup": float("nan")},
     {"stochastic_norm": 2.0, "batch_norm": "train"}, {"stochastic_norm": 0.5}, {"accumulate": 0}],
)  # fmt: skip
def test_impossible_numbers_are_refused(wrong) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        TuningRecipe(**wrong)


def test_unknown_words_are_refused() -> None:
    with pytest.raises(UnknownName, match="Did you mean 'relative'"):
        TuningRecipe(rates="relativ")
    with pytest.raises(UnknownName, match="bf16"):
        TuningRecipe(precision="bf61")


def test_mixup_mixes_rows_and_labels_of_the_batches(tuner, ground) -> None:
    recipe = replace(tuner.recipe, mixup=1.0)
    labels = tuner.labels(ground.train)
    plain, mixed = (
        batches_of(tuner.inputs, ground.train, labels, each, n_classes=2, seed=0)(0) for each in (tuner.recipe, recipe)
    )
    assert mixed["labels"].shape == (len(plain), 2) and torch.equal(plain.rows, mixed.rows)
    (share,) = set(np.round(mixed["labels"].max(dim=1).values.numpy(), 5)) - {1.0}
    assert 0 < share < 1 and not torch.equal(plain.inputs, mixed.inputs)
    assert not np.array_equal(run(tuner, ground, recipe)[1].logits[1], run(tuner, ground, tuner.recipe)[1].logits[1])


def test_the_average_is_what_is_looked_at_and_kept(tuner, ground) -> None:
    recipe = replace(tuner.recipe, average=0.95)
    model, curve = run(tuner, ground, recipe)
    watch = ground.split.folds[0][1]
    assert np.array_equal(curve.logits[-1], logits_of(model, tuner.inputs, watch))
    assert np.array_equal(curve.logits[-1], by_hand(tuner, ground, tuner.recipe, average=0.95))
    assert not np.array_equal(curve.logits[-1], by_hand(tuner, ground, tuner.recipe))


def test_half_way_to_the_average(tuner, ground) -> None:
    start = tuner.start(ground.split.folds[0][0]).state_dict()
    end = run(tuner, ground, replace(tuner.recipe, average=0.95))[0].state_dict()
    middle = run(tuner, ground, replace(tuner.recipe, average=0.95, wise=0.5))[0].state_dict()
    assert all(torch.allclose(middle[name], (start[name] + end[name]) / 2, atol=1e-6) for name in middle)


def test_parts_of_a_batch_give_the_same_to_rounding(tuner, ground) -> None:
    whole, parts = run(tuner, ground, tuner.recipe)[1], run(tuner, ground, replace(tuner.recipe, accumulate=4))[1]
    assert np.allclose(whole.logits[1], parts.logits[1], atol=1e-3)
    assert not np.array_equal(whole.logits[1], parts.logits[1])


def test_the_precision_reaches_the_loop(tuner, ground, monkeypatch) -> None:
    asked = []

    def listening(*given, precision, **options):
        asked.append(precision)
        return train(*given, precision=precision, **options)

    monkeypatch.setattr("headstart.strategies.tuning.run.train", listening)
    run(tuner, ground, replace(tuner.recipe, precision="auto"), rounds=1)
    assert asked == ["auto"]


def test_with_additions_too_a_stopped_run_ends_with_the_same_bits(tuner, ground, tmp_path) -> None:
    recipe = replace(tuner.recipe, average=0.9, unfreeze=0.5, rates="relative", mixup=0.2, accumulate=2)
    whole, curve = run(tuner, ground, recipe)

    class Stopped(RoundCheckpoint):
        def commit(self, looks) -> None:
            super().commit(looks)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(tuner, ground, recipe, checkpoint=Stopped(tmp_path / "run", run="x"))
    resumed, again = run(tuner, ground, recipe, checkpoint=RoundCheckpoint(tmp_path / "run", run="x"))
    assert np.array_equal(again.logits, curve.logits)
    pairs = zip(whole.state_dict().values(), resumed.state_dict().values(), strict=True)
    assert all(torch.equal(one, other) for one, other in pairs)
