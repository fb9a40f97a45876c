"""The moving part under a head: equal to the whole, and all that is frozen stays so, bit by bit."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from headstart.backbones.opening import open_backbone
from headstart.errors import TrainingError
from headstart.training.moving import moving
from headstart.training.trainable import Trainable


@pytest.fixture
def conv():
    """A small network whose BatchNorm has statistics of its own."""
    backbone = open_backbone("conv", size=16, channels=3, width=4)
    module = backbone.module
    state = {
        name: 0.5 * value - 0.05 if name.endswith(("running_mean", "running_var")) else value
        for name, value in module.state_dict().items()
    }
    return backbone.with_state(state)


def trainable(backbone, move, **options) -> Trainable:
    rng = np.random.default_rng(0)
    width = backbone.module.get_submodule("classifier").in_features
    resolved = moving(backbone, move, batch_norm=options.get("batch_norm", "frozen"))
    return Trainable(backbone, resolved, rng.normal(size=(width, 3)), rng.normal(size=3), **options)


def step(model: Trainable, inputs: torch.Tensor) -> None:
    """A few large updates."""
    model.train()
    optimizer = torch.optim.SGD([weight for weight in model.parameters() if weight.requires_grad], lr=0.1)
    for _ in range(3):
        optimizer.zero_grad()
        model(inputs).square().mean().backward()
        optimizer.step()


def pictures(n: int = 6) -> torch.Tensor:
    return torch.randn(n, 3, 16, 16, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("move", ["head", "last1", "last2", "all"])
def test_part_and_head_equal_the_whole_under_the_head(conv, move) -> None:
    model, batch = trainable(conv, move), pictures()
    boundary = model.moving.boundary
    below = batch if boundary is None else conv.embed(batch, [boundary], pooling="none")[boundary]
    with torch.no_grad():
        assert torch.allclose(model(below), model.head(conv.embed(batch, ["pool"])["pool"]), atol=1e-4)


@pytest.mark.parametrize("move", ["last1", "all", "first", "bias", "norms"])
def test_only_what_may_move_moves(conv, move) -> None:
    model = trainable(conv, move)
    inputs = pictures() if model.moving.boundary is None else torch.rand(6, 8, 8, 8)
    before = conv.state()
    with model.held():
        step(model, inputs)
    after = model.network().state()
    moved = {name for name in before if not torch.equal(before[name], after[name])}
    assert moved and moved <= set(model.moving.parameters)


def test_statistics_follow_only_where_they_were_told_to(conv) -> None:
    def moved(batch_norm) -> set[str]:
        model = trainable(conv, "all", batch_norm=batch_norm)
        with model.held():
            step(model, pictures())
        before, after = conv.state(), model.network().state()
        return {name.rpartition(".")[2] for name in before if not torch.equal(before[name], after[name])}

    assert moved("frozen") == {"weight"}
    assert moved("statistics") == {"weight", "running_mean", "running_var", "num_batches_tracked"}
    assert "bias" in moved("train") and "running_mean" in moved("train")


def test_a_stray_write_is_found_out(conv) -> None:
    model = trainable(conv, "last1")
    buffer = next(model.part.buffers())
    with pytest.raises(TrainingError, match="have changed while others trained"), model.held():
        buffer.add_(1)
    with pytest.raises(TrainingError, match="was not to move"):
        model.network()


def test_the_digest_of_the_frozen_names_all_that_did_not_move(conv) -> None:
    model = trainable(conv, "last1")
    before = model.frozen_state_digest()
    with model.held():
        step(model, torch.rand(6, 8, 8, 8))
    twin = Trainable(model.network(), model.moving, np.zeros((16, 3)), np.zeros(3))
    assert twin.frozen_state_digest() == before


def test_the_proof_asks_once_what_moves_however_many_weights_there_are(conv, monkeypatch) -> None:
    model = trainable(conv, "all", batch_norm="train")
    asked, following = [], Trainable._following
    monkeypatch.setattr(Trainable, "_following", lambda self: asked.append(1) or following(self))
    model.frozen_digest()
    assert len(asked) == 1


def test_depths_follow_the_network(conv) -> None:
    model = trainable(conv, "all")
    depths = [model.depth(f"part.{name}") for name, weight in model.part.named_parameters() if weight.requires_grad]
    assert depths == sorted(depths, reverse=True) and depths[-1] == 0


def test_adapters_are_merged_into_a_network_of_the_same_make(conv) -> None:
    mlp = open_backbone("mlp", inputs=5, width=8)
    resolved, inputs = moving(mlp, "lora"), torch.randn(20, 5, generator=torch.Generator().manual_seed(0))
    model = Trainable(mlp, resolved, np.ones((8, 3)) * np.arange(3), np.zeros(3), rank=2)
    assert torch.allclose(model.rows(inputs), mlp.embed(inputs, ["pool"])["pool"], atol=1e-6)  # they begin at nothing
    moves = {name for name, weight in model.named_parameters() if weight.requires_grad}
    assert all(name.endswith(("down", "up")) or name.startswith("head") for name in moves)
    assert {model.depth(name) for name in moves if name.startswith("part")} == {0, 1}
    assert model.learning() == sum(weight.numel() for weight in model.parameters() if weight.requires_grad)
    assert model.learning() < sum(mlp.module.get_parameter(name).numel() for name in resolved.parameters)
    with model.held():
        step(model, inputs)
    tuned = model.network()
    with torch.no_grad():
        assert torch.allclose(model.rows(inputs), tuned.embed(inputs, ["pool"])["pool"], atol=1e-5)
    changed = {name for name, value in tuned.state().items() if not torch.equal(value, mlp.state()[name])}
    assert changed == set(resolved.parameters)


def test_a_twin_is_equal_and_apart(conv) -> None:
    model = trainable(conv, "last1")
    twin, inputs = model.twin(), torch.rand(6, 8, 8, 8)
    before = twin(inputs)
    with model.held():
        step(model, inputs)
    assert torch.equal(twin(inputs), before) and not torch.allclose(model(inputs), before)
