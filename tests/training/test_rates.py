import copy

import pytest
import torch
from torch import nn

from headstart.errors import UnknownName
from headstart.training.loop import train
from headstart.training.rates import layer_decay, scale_of
from headstart.training.schedule import Schedule
from headstart.training.terms.cross_entropy import CrossEntropy


def test_the_longest_prefix_of_whole_words_counts():
    rates = {"": 0.5, "layer1": 0.1, "layer1.0.bias": 3.0, "layer": 9.0}
    names = ["layer1.0.weight", "layer1.0.bias", "layer10.weight", "layer.weight", "stem"]
    assert [scale_of(name, rates) for name in names] == [0.1, 3.0, 0.5, 9.0, 0.5]
    assert scale_of("anything", {}) == 1.0


def test_training_agrees_with_pytorch_groups(batches):
    network = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 3))
    twin = copy.deepcopy(network)
    schedule = Schedule(steps=20, lr=0.01, clip=None, weight_decay=0.1)
    for _ in train(network, batches, objective=CrossEntropy(), schedule=schedule, rates={"0": 0.1, "2.bias": 0.5}):
        pass
    groups = [
        {"params": [twin[0].weight], "scale": 0.1, "weight_decay": 0.1},
        {"params": [twin[0].bias], "scale": 0.1, "weight_decay": 0.0},
        {"params": [twin[2].weight], "scale": 1.0, "weight_decay": 0.1},
        {"params": [twin[2].bias], "scale": 0.5, "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, fused=True)
    for step in range(20):
        for group in optimizer.param_groups:
            group["lr"] = schedule.rate(step) * group["scale"]
        batch = batches(step)
        optimizer.zero_grad()
        nn.functional.cross_entropy(twin(batch.inputs), batch["labels"]).backward()
        optimizer.step()
    for ours, theirs in zip(network.parameters(), twin.parameters(), strict=True):
        assert torch.allclose(ours, theirs, atol=1e-6)


def test_each_layer_below_learns_slower():
    rates = layer_decay(["stem", "body", "head"], decay=0.1)
    assert list(rates.values()) == pytest.approx([0.01, 0.1, 1.0])


def test_misuse(network, batches):
    def start(rates):
        return next(train(network, batches, objective=CrossEntropy(), schedule=Schedule(), rates=rates))

    with pytest.raises(UnknownName, match="Unknown layer '7'"):
        start({"7": 0.5})
    with pytest.raises(ValueError, match="must be a positive scale"):
        start({"0": 0.0})
    with pytest.raises(ValueError, match="decay"):
        layer_decay(["a"], decay=1.5)
