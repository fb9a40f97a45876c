import copy

import pytest
import torch
from torch import nn

from headstart.training.batches import Batch, Batches
from headstart.training.freezing import state_digest
from headstart.training.loop import train
from headstart.training.schedule import Schedule
from headstart.training.terms.cross_entropy import CrossEntropy
from headstart.training.terms.delta import Delta, channel_attention, maps


def pictures_network():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(inplace=True), nn.Flatten(), nn.Linear(4 * 36, 3)
    )


def two_networks():
    start = pictures_network().eval()
    now = copy.deepcopy(start)
    with torch.no_grad():
        now[0].weight += 0.3 * torch.randn(now[0].weight.shape, generator=torch.Generator().manual_seed(1))
    return start, now, Batch(torch.randn(5, 1, 8, 8, generator=torch.Generator().manual_seed(2)))


def test_agrees_with_the_formula():
    start, now, batch = two_networks()
    attention = torch.tensor([0.1, 2.0, 0.4, 1.5])
    by_hand = 0.0
    before, after = (network[1](network[0](batch.inputs)).detach() for network in (start, now))
    for row in range(5):
        for map_ in range(4):
            for place in range(36):
                way = before[row, map_].flatten()[place] - after[row, map_].flatten()[place]
                by_hand += 0.5 * float(attention[map_]) * float(way) ** 2 / 36 / 5
    term = Delta(start, ["1"], attention={"1": attention})
    assert term(batch, now).item() == pytest.approx(by_hand, rel=1e-4)
    assert Delta(start, ["1"])(batch, start).item() == 0


def test_several_layers_add_up_and_the_start_stands_still():
    start, now, batch = two_networks()
    before = state_digest(start)
    both = Delta(start.train(), ["0", "4"])(batch, now)
    assert both.item() == pytest.approx(sum(Delta(start, [layer])(batch, now).item() for layer in ("0", "4")))
    both.backward()
    assert all(parameter.grad is None for parameter in start.parameters())
    assert state_digest(start) == before


def test_maps_of_any_layer():
    assert maps(torch.zeros(2, 5, 3, 4)).shape == (2, 5, 12)
    assert maps(torch.zeros(2, 7, 5)).shape == (2, 5, 7)
    assert maps(torch.zeros(2, 5)).shape == (2, 5, 1)


def test_a_map_that_the_task_needs_gets_the_attention():
    """A head that reads the maps' means one by one; only map 2 says anything about the label."""
    network = nn.Sequential(nn.Conv2d(3, 3, 1, bias=False), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 2))
    with torch.no_grad():
        network[0].weight.copy_(torch.eye(3)[:, :, None, None])
        network[3].weight.copy_(torch.tensor([[0.0, 0.0, 3.0], [0.0, 0.0, -3.0]]))
        network[3].bias.zero_()
    inputs = torch.randn(40, 3, 4, 4, generator=torch.Generator().manual_seed(0))
    inputs[:20, 2] += 3
    inputs[20:, 2] -= 3
    batch = Batch(inputs, {"labels": (torch.arange(40) >= 20).long()})
    attention = channel_attention(network, ["0"], [batch], CrossEntropy())["0"]
    assert attention.argmax() == 2
    assert attention.sum().item() == pytest.approx(3)
    assert attention[0].item() == pytest.approx(attention[1].item())
    assert not network[0]._forward_hooks


def test_it_holds_the_maps_back_in_the_loop():
    start = pictures_network()
    inputs = torch.randn(24, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    batches = Batches(inputs, {"labels": torch.arange(24) % 3}, size=12)

    def moved(weight):
        now = copy.deepcopy(start)
        objective = CrossEntropy() + weight * Delta(copy.deepcopy(start), ["0"])
        for _ in train(now, batches, objective=objective, schedule=Schedule(steps=30, lr=0.02)):
            pass
        return Delta(start, ["0"])(Batch(inputs), now).item()

    assert moved(30.0) < 0.2 * moved(0.0)


def test_misuse():
    with pytest.raises(ValueError, match="at least one layer"):
        Delta(pictures_network(), [])
