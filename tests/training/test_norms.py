"""With a network whose running statistics are real: collected from rows that are neither centred nor of unit spread."""

import copy

import pytest
import torch
from torch import nn

from headstart.errors import TrainingError, UnknownName
from headstart.training.batches import Batches
from headstart.training.loop import train
from headstart.training.norms import batch_norms, batch_norms_of
from headstart.training.schedule import Schedule
from headstart.training.terms.cross_entropy import CrossEntropy


def trained_network():
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        nn.BatchNorm1d(4), nn.Linear(4, 2),
    )  # fmt: skip
    for _ in range(30):
        network(5 + 3 * torch.randn(16, 1, 6, 6))
    return network.eval()


def target_batches():
    inputs = -2 + torch.randn(24, 1, 6, 6, generator=torch.Generator().manual_seed(1))
    return Batches(inputs, {"labels": torch.arange(24) % 2}, size=8)


def run(network):
    for _ in train(network, target_batches(), objective=CrossEntropy(), schedule=Schedule(steps=6, lr=0.01)):
        network.train()


def changed(network, before):
    """Which kinds of values of the BatchNorms moved."""
    after = {path: dict(norm.state_dict()) for path, norm in batch_norms_of(network).items()}
    return {name for path in after for name in after[path] if not torch.equal(after[path][name], before[path][name])}


STATISTICS = {"running_mean", "running_var", "num_batches_tracked"}


@pytest.mark.parametrize(
    ("policy", "moves"), [("frozen", set()), ("statistics", STATISTICS), ("train", {*STATISTICS, "weight", "bias"})]
)
def test_each_policy_moves_what_it_says(policy, moves):
    network = trained_network()
    before = {path: copy.deepcopy(norm.state_dict()) for path, norm in batch_norms_of(network).items()}
    head = network[6].weight.detach().clone()
    with batch_norms(network, policy):
        run(network)
    assert changed(network, before) == moves
    assert not torch.equal(network[6].weight, head)
    assert all(parameter.requires_grad for parameter in network.parameters())


def test_frozen_normalises_by_the_source_and_statistics_by_the_batch():
    network, pictures = trained_network(), target_batches()(0).inputs
    alone = network(pictures[:2]).detach()
    with batch_norms(network, "frozen"):
        assert torch.allclose(network.train()(pictures)[:2], alone, atol=1e-5)
    with batch_norms(copy.deepcopy(network), "statistics"):
        assert not torch.allclose(network.train()(pictures)[:2], alone, atol=0.1)


@pytest.mark.parametrize("policy", ["frozen", "statistics"])
def test_what_writes_into_a_held_one_is_found_out(policy):
    network = trained_network()
    with pytest.raises(TrainingError, match="has changed"), batch_norms(network, policy):
        network[1].weight.data.add_(1)


def test_misuse():
    with pytest.raises(UnknownName, match="Unknown batch_norm 'off'"), batch_norms(nn.Linear(2, 2), "off"):
        pass
