import copy

import pytest
import torch
from torch import nn

from headstart.errors import TrainingError
from headstart.training.freezing import Frozen, Still, state_digest
from headstart.training.loop import train
from headstart.training.schedule import Schedule
from headstart.training.terms.cross_entropy import CrossEntropy


def body() -> nn.Module:
    return nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.Dropout(0.5))


def test_a_frozen_part_is_the_same_bit_by_bit_after_the_rest_has_trained(batches):
    network = nn.Sequential(body(), nn.Linear(8, 3))
    before, head = copy.deepcopy(network[0].state_dict()), network[1].weight.detach().clone()
    with Frozen(network[0]):
        for _ in train(network, batches, objective=CrossEntropy(), schedule=Schedule(steps=20)):
            network.train()  # what a careless caller does
    assert all(torch.equal(before[name], tensor) for name, tensor in network[0].state_dict().items())
    assert not torch.equal(network[1].weight, head)


def test_without_it_the_same_run_changes_the_part(batches):
    network = nn.Sequential(body(), nn.Linear(8, 3))
    before = state_digest(network[0])
    network[0].requires_grad_(False)  # the usual advice
    for _ in train(network, batches, objective=CrossEntropy(), schedule=Schedule(steps=2)):
        pass
    assert state_digest(network[0]) != before


@pytest.mark.parametrize(
    "awaken",
    [
        lambda part: part.train(),
        lambda part: part[1].train(True),
        lambda part: [inner.train() for inner in part.modules()],
        lambda part: setattr(part[1], "training", True),
    ],
)
def test_eval_mode_holds_whatever_is_called(awaken):
    part = body()
    x = torch.randn(16, 6)
    with Frozen(part):
        awaken(part)
        first, second = part(x), part(x)
        assert torch.equal(first, second)
        assert not any(inner.training for inner in part.modules())


def test_gradients_pass_through_but_stay_out():
    below, part = nn.Linear(6, 6), body()
    with Frozen(part):
        part(below(torch.randn(4, 6))).sum().backward()
    assert below.weight.grad is not None
    assert all(parameter.grad is None for parameter in part.parameters())


@pytest.mark.parametrize("tamper", [lambda p: p[0].weight.data.add_(1e-6), lambda p: p[1].running_mean.add_(1e-3)])
def test_a_change_is_an_error(tamper):
    part = body()
    with pytest.raises(TrainingError, match="frozen Sequential has changed"), Frozen(part):
        tamper(part)


def test_afterwards_everything_is_as_it_was():
    part = body()
    part[0].bias.requires_grad_(False)
    part[2].eval()
    with Frozen(part):
        pass
    assert part[0].weight.requires_grad
    assert not part[0].bias.requires_grad
    assert [inner.training for inner in part] == [True, True, False]
    part.eval()
    part.train()
    assert part[1].training


def test_a_copy_of_a_frozen_part_is_frozen_on_its_own():
    part = body()
    with Frozen(part):
        twin = copy.deepcopy(part)
        twin.train()
        assert not any(inner.training for inner in twin.modules())


def test_the_digest_sees_names_types_shapes_and_bits():
    one, other = nn.Linear(2, 2), nn.Linear(2, 2)
    other.load_state_dict(one.state_dict())
    assert state_digest(one) == state_digest(other)
    assert state_digest(nn.Sequential(one)) != state_digest(one)
    other.weight.data[0, 0] = torch.nextafter(other.weight.data[0, 0], torch.tensor(torch.inf))
    assert state_digest(one) != state_digest(other)


def test_still_modules_keep_eval_mode_while_their_weights_move() -> None:
    network = nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3), nn.Dropout(0.5)).train()
    with Still([network[1]]):
        network.train()
        assert network[0].training and network[2].training and not network[1].training
        network(torch.randn(8, 3)).sum().backward()
        assert network[1].weight.grad is not None
        assert torch.equal(network[1].running_mean, torch.zeros(3))
    assert network[1].training
