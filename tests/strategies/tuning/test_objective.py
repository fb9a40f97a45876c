"""Each regulariser is nothing at the start where it should be, and its strength counts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from headstart.errors import UnknownName
from headstart.strategies.tuning.objective import objective_of
from headstart.strategies.tuning.run import batches_of, tune
from headstart.training.terms.cross_entropy import CrossEntropy


def value(objective, batch, model) -> float:
    """The objective on a batch that nothing has looked at yet."""
    fresh = replace(batch, _passes={})
    with torch.no_grad():
        return float(objective(fresh, model))


@pytest.fixture
def batch(tuner, ground):
    return batches_of(tuner.inputs, ground.train, tuner.labels(ground.train), tuner.recipe, n_classes=2, seed=0)(0)


@pytest.mark.parametrize("regulariser", ["l2sp", "delta"])
def test_at_the_start_nothing_is_held_and_later_it_is(tuner, ground, batch, regulariser) -> None:
    model = tuner.start(ground.train)
    objective = objective_of(model, replace(tuner.recipe, regulariser=regulariser), tuner.labels(ground.train))
    plain = value(CrossEntropy(), batch, model)
    start = value(objective, batch, model)
    new_head = 0.5 * 0.1 * 0.1 * sum(float(weight.detach().square().sum()) for weight in model.head.parameters())
    assert start - plain <= new_head + 1e-6  # L2-SP pulls a new head to nothing, and anchors ours
    with torch.no_grad():
        for weight in model.part.parameters():
            weight.add_(0.1)
    assert value(objective, batch, model) > value(CrossEntropy(), batch, model) + 1e-6


def test_shrinkage_adds_the_least_singular_value(tuner, ground, batch) -> None:
    model = tuner.start(ground.train)
    recipe = replace(tuner.recipe, regulariser="bss", strength=2.0)
    with torch.no_grad():
        least = np.linalg.svd(model.part(batch.inputs).numpy(), compute_uv=False)[-1]
    expected = value(CrossEntropy(), batch, model) + 2.0 * least**2
    assert value(objective_of(model, recipe, tuner.labels(ground.train)), batch, model) == pytest.approx(
        expected, rel=1e-4
    )


def test_balanced_classes_count_the_same_however_rare_they_are(tuner, ground, batch) -> None:
    model, rare = tuner.start(ground.train), np.array([0] * 9 + [1])
    recipe = replace(tuner.recipe, class_weights="balanced")
    with torch.no_grad():
        losses = torch.nn.functional.cross_entropy(model(batch.inputs), batch["labels"], reduction="none")
    weights = torch.tensor([1.0, 9.0])[batch["labels"]]
    expected = float((weights * losses).sum() / weights.sum())
    assert value(objective_of(model, recipe, rare), batch, model) == pytest.approx(expected, rel=1e-4)
    plain = value(objective_of(model, tuner.recipe, rare), batch, model)
    assert plain == pytest.approx(float(losses.mean()), rel=1e-4)
    with pytest.raises(UnknownName, match="class_weights 'equal'"):
        replace(recipe, class_weights="equal")


def test_a_strong_anchor_holds_the_weights(tuner, ground) -> None:
    def moved(**options) -> float:
        model = tuner.start(ground.train)
        before = model.twin()
        recipe = replace(tuner.recipe, epochs=4, weight_decay=0.0, **options)
        tune(model, tuner.inputs, ground.train, tuner.labels(ground.train), recipe=recipe, watch=ground.test, seed=0)
        pairs = zip(model.part.parameters(), before.part.parameters(), strict=True)
        return sum(float((one - other).detach().square().sum()) for one, other in pairs)

    assert moved(regulariser="l2sp", strength=10.0) < 0.5 * moved()
