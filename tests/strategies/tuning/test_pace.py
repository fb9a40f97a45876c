"""Lower layers are slower, or as fast as their gradients ask; they join from the top down, and wait until then."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from headstart.backbones.opening import open_backbone
from headstart.strategies.tuning.pace import layers_of, moving_weights, rates_of, unfreezing_of
from headstart.strategies.tuning.run import batches_of, tune
from headstart.training.moving import moving
from headstart.training.terms.cross_entropy import CrossEntropy
from headstart.training.trainable import Trainable


@pytest.fixture
def model(tuner, ground) -> Trainable:
    return tuner.start(ground.train)


def rates(tuner, ground, model, **changes) -> dict[str, float]:
    recipe = replace(tuner.recipe, **changes)
    batches = batches_of(tuner.inputs, ground.train, tuner.labels(ground.train), recipe, n_classes=2, seed=0)
    with model.held():
        return rates_of(model, recipe, batches=batches, objective=CrossEntropy())


def test_rates_fall_downwards_and_the_head_has_its_own(tuner, ground, model) -> None:
    given = rates(tuner, ground, model, decay=0.5, head_rate=3.0)
    layers = [rate for name, rate in given.items() if name.endswith("weight")]
    assert given["head"] == 3.0 and layers == sorted(layers) and set(layers) == {0.5, 1.0}


def test_relative_rates_are_each_gradients_share_of_its_layer(tuner, ground, model) -> None:
    given = rates(tuner, ground, model, rates="relative", head_rate=2.0)
    assert given.pop("head") == 2.0 and max(given.values()) == 1.0 and min(given.values()) < 1.0
    batches = batches_of(tuner.inputs, ground.train, tuner.labels(ground.train), tuner.recipe, n_classes=2, seed=0)
    pulls = dict.fromkeys(given, 0.0)
    for look in range(8):
        batch = batches(look)
        loss = torch.nn.functional.cross_entropy(model(batch.inputs), batch["labels"])
        weights = {name: list(model.get_submodule(name).parameters()) for name in given}
        for name, group in weights.items():
            gradients = torch.autograd.grad(loss, group, retain_graph=True)
            size = sum(float(weight.detach().square().sum()) for weight in group) ** 0.5
            pulls[name] += sum(float(gradient.square().sum()) for gradient in gradients) ** 0.5 / size
    expected = {name: pull / max(pulls.values()) for name, pull in pulls.items()}
    assert given == pytest.approx(expected, rel=1e-3)


def test_measuring_leaves_the_model_and_its_backbone_as_they_were(tuner, ground, model) -> None:
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    rates(tuner, ground, model, rates="relative")
    assert all(torch.equal(weight, before[name]) for name, weight in model.state_dict().items())
    tuner.backbone.check_unmoved()


def test_layers_join_from_the_top_down_after_the_head(tuner, ground, model) -> None:
    unfreezing = unfreezing_of(model, replace(tuner.recipe, unfreeze=0.5))
    shares = {model.depth(moving_weights(model)[0]): 0.5, 0: 0.25}
    assert unfreezing.joins == {layer: shares[depth] for layer, depth in layers_of(model)}
    assert unfreezing_of(model, tuner.recipe) is None


def test_until_it_joins_a_layer_stands_still(tuner, ground) -> None:
    """Of twelve rounds, everything waits for three and the lowest layer for six."""
    moved = {}
    for rounds in (3, 6, 9):
        model = tuner.start(ground.train)
        before = model.twin().state_dict()
        recipe = replace(tuner.recipe, unfreeze=0.5)
        tune(
            model, tuner.inputs, ground.train, tuner.labels(ground.train), recipe=recipe, watch=ground.test, seed=0,
            rounds=rounds,
        )  # fmt: skip
        after = model.state_dict()
        assert not torch.equal(after["head.weight"], before["head.weight"])
        depths = {name: model.depth(name) for name in moving_weights(model)}
        moved[rounds] = {depth for name, depth in depths.items() if not torch.equal(after[name], before[name])}
        assert all(weight.requires_grad for weight in model.part.parameters())
    lowest = max(moved[9])
    assert (moved[3], moved[6], moved[9]) == (set(), {0}, {0, lowest})


@pytest.mark.parametrize("move", ["all", "norms", "bias", "lora", "first"])
def test_every_weight_that_moves_stands_under_one_layer_of_its_depth(move) -> None:
    backbone = open_backbone("mlp", inputs=6, width=8) if move == "lora" else open_backbone("conv", size=16)
    what = moving(backbone, move, batch_norm="train")
    width = backbone.embed(backbone.preparation.example(), backbone.layers[-1:])[backbone.layers[-1]].shape[1]
    model = Trainable(backbone, what, np.zeros((width, 2)), np.zeros(2), batch_norm="train", rank=2)
    layers = dict(layers_of(model))
    for name in moving_weights(model):
        over = [layer for layer in layers if name == layer or name.startswith(f"{layer}.")]
        assert [layers[layer] for layer in over] == [model.depth(name)]
