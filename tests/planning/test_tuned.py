"""Fine-tuning as an option."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from headstart.backbones.mlp import open_mlp
from headstart.features.store import Store
from headstart.planning.contenders import race_folds
from headstart.planning.costs import Cost
from headstart.planning.tuned import boundaries, recipe_of, too_few, tuning_cost, tuning_runner

from .worlds import blobs, ground_of


def test_few_labels_move_no_weights() -> None:
    assert "30 labels" in too_few(ground_of(blobs(30)))
    assert "4 per class" in too_few(ground_of(blobs(60, classes=15)))
    assert too_few(ground_of(blobs(100))) == ""


def test_what_may_move_is_a_boundary_and_each_stands_once() -> None:
    network = open_mlp(inputs=6, width=8, depth=3)
    assert boundaries(network, ("last1", "all", "last9")) == {"last1": "layer2", "all": None}


def test_moving_less_costs_less() -> None:
    ground = ground_of(blobs(400))
    cost = Cost(prepare=0.0, forward=1.0, below={"layer1": 0.75}, latency=1.0, parameters=100, activations=100)
    recipe = recipe_of(ground, "all")
    whole, part = tuning_cost(ground, cost, recipe, None), tuning_cost(ground, cost, recipe, "layer1")
    steps = recipe.steps(len(ground.train)) * recipe.batch_size * (ground.n_folds + 1)
    assert whole[0] == pytest.approx(3 * steps)
    assert part[0] == pytest.approx(3 * steps / 4 + 0.75 * len(ground.train))
    assert part[1] < whole[1]


def test_a_short_run_answers_for_the_held_out_rows(tmp_path: Path) -> None:
    ground = ground_of(blobs(240, classes=3, apart=5.0))
    folds = race_folds(ground)
    run = tuning_runner(ground, open_mlp(inputs=6, width=16), recipe_of(ground, "all"), folds, store=Store(tmp_path))
    found = run(1 / 12)
    assert len(found) == sum(len(score) for _, score in folds)
    assert found.mean() > 0.9
    assert np.array_equal(found, run(1 / 12))
