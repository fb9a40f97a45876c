from dataclasses import replace

import numpy as np
import pytest
import torch
from tests.strategies.transferability.worlds import RECIPE, coarse, rows, small_blueprint
from torch import nn

from headstart.backbones.conv import open_conv
from headstart.strategies.learner import Prepared
from headstart.strategies.transferability.blueprint import Blueprint
from headstart.strategies.transferability.lessons import Lessons, lessons
from headstart.strategies.transferability.networks import BASE, Treatment, correct, fit, learned
from headstart.training.freezing import Frozen, state_digest


@pytest.fixture(scope="module")
def ground():
    blueprint, data = small_blueprint(), rows(coarse, n=300)
    lesson = lessons(data, np.arange(200), Prepared(data, blueprint.backbone))
    return blueprint, lesson, learned(blueprint, lesson, 2, recipe=RECIPE, seed=0)


def test_where_nothing_is_copied_the_network_is_a_base(ground):
    blueprint, lesson, base = ground
    for frozen in (True, False):
        none = learned(blueprint, lesson, 2, recipe=RECIPE, seed=5, treatment=Treatment("B", "", frozen), bottom=base)
        assert state_digest(none) == state_digest(learned(blueprint, lesson, 2, recipe=RECIPE, seed=5))


def test_the_seed_decides_every_bit(ground):
    blueprint, lesson, base = ground
    assert state_digest(learned(blueprint, lesson, 2, recipe=RECIPE, seed=0)) == state_digest(base)
    assert state_digest(learned(blueprint, lesson, 2, recipe=RECIPE, seed=1)) != state_digest(base)


@pytest.mark.parametrize("layer", ["layer1", "pool"])
def test_frozen_layers_stay_and_moving_ones_move(ground, layer):
    blueprint, lesson, base = ground
    copied, _ = blueprint.halves(base, layer)
    for frozen in (True, False):
        network = learned(
            blueprint, lesson, 2, recipe=RECIPE, seed=1, treatment=Treatment("B", layer, frozen), bottom=base
        )
        assert (state_digest(network[0]) == state_digest(copied)) is frozen


def test_stored_activations_train_what_recomputed_ones_train():
    """The same seeds above a frozen boundary, once from activations computed before, once through the whole network."""
    blueprint = Blueprint(open_conv(size=8, channels=1, width=4))
    generator = torch.Generator().manual_seed(0)
    lesson = Lessons(
        torch.randint(0, 256, (80, 8, 8, 1), dtype=torch.uint8, generator=generator),
        torch.randint(0, 3, (80,), generator=generator),
    )
    base = learned(blueprint, lesson, 3, recipe=RECIPE, seed=0)
    treatment = Treatment("A", "stage2", frozen=True)
    stored = learned(blueprint, lesson, 3, recipe=RECIPE, seed=7, treatment=treatment, bottom=base)
    below, _ = blueprint.halves(base, "stage2")
    _, above = blueprint.halves(blueprint.fresh(3, seed=7), "stage2")
    whole = nn.Sequential(below, above)
    with Frozen(below):
        fit(whole, lesson.inputs, lesson.labels, RECIPE, seed=7, collate=blueprint.backbone.collate)
    assert np.array_equal(correct(stored, lesson, blueprint), correct(whole, lesson, blueprint))
    for one, other in zip(stored.parameters(), whole.parameters(), strict=True):
        assert torch.allclose(one, other, atol=1e-4)


def test_it_learns_and_an_untrained_network_has_not():
    blueprint, data = small_blueprint(), rows(lambda X: X[:, 0] > 0, n=200)
    lesson = lessons(data, np.arange(200), Prepared(data, blueprint.backbone))
    enough = replace(RECIPE, schedule=replace(RECIPE.schedule, steps=100))
    assert correct(learned(blueprint, lesson, 2, recipe=enough, seed=0), lesson, blueprint).mean() > 0.9
    assert correct(blueprint.fresh(2, seed=0), lesson, blueprint).mean() < 0.8


def test_names():
    assert str(BASE) == "base"
    assert str(Treatment("A", "pool", frozen=True)) == "A pool B"
