import copy

import pytest
import torch
from torch import nn

from headstart.errors import UnknownName
from headstart.training.batches import Batch
from headstart.training.freezing import state_digest
from headstart.training.loop import train
from headstart.training.relative_gradients import relative_gradient_rates
from headstart.training.schedule import Schedule
from headstart.training.terms.cross_entropy import CrossEntropy


def plain():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 3))


def test_agrees_with_autograd_by_hand(batches):
    model, pulls = plain(), {}
    for look in range(3):
        twin, batch = copy.deepcopy(model), batches(look)
        nn.functional.cross_entropy(twin(batch.inputs), batch["labels"]).backward()
        for layer in ("0", "2", "4"):
            module = twin.get_submodule(layer)
            gradient = torch.cat([module.weight.grad.flatten(), module.bias.grad])
            weight = torch.cat([module.weight.flatten(), module.bias])
            pulls[layer] = pulls.get(layer, 0.0) + (gradient.norm() / weight.norm()).item()
    expected = {layer: pull / max(pulls.values()) for layer, pull in pulls.items()}
    found = relative_gradient_rates(model, batches, objective=CrossEntropy(), layers=["0", "2", "4"], looks=3)
    assert found == pytest.approx(expected, rel=1e-4)
    assert max(found.values()) == 1.0


def test_a_shift_of_the_inputs_pulls_at_the_first_layer():
    """Surgical fine-tuning's finding: what changed at the input is to be mended at the input."""

    class Scaled(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            torch.manual_seed(0)
            self.first, self.rest = nn.Linear(4, 4), nn.Sequential(nn.Tanh(), nn.Linear(4, 2))

        def forward(self, x):
            return self.rest(self.first(x))

    inputs = torch.randn(64, 4, generator=torch.Generator().manual_seed(0))
    labels = {"labels": (inputs[:, 0] > 0).long()}
    model = Scaled()
    for _ in train(
        model, lambda _: Batch(inputs, labels), objective=CrossEntropy(), schedule=Schedule(steps=300, lr=0.02)
    ):
        pass

    def rates(x):
        looks = relative_gradient_rates(
            model, lambda _: Batch(x, labels), objective=CrossEntropy(), layers=["first", "rest"], looks=1
        )
        return looks["first"] / looks["rest"]

    assert rates(inputs.roll(1, dims=1)) > rates(inputs)


def test_the_model_is_not_touched_and_the_rates_can_be_trained_with(network, batches):
    before = state_digest(network)
    network[4].weight.data.zero_()
    network[4].bias.data.zero_()
    before = state_digest(network)
    rates = relative_gradient_rates(network, batches, objective=CrossEntropy(), layers=["0", "1", "4"])
    assert state_digest(network) == before
    assert rates["4"] == 1.0  # a head of zeros has no size
    assert all(0 < rate <= 1 for rate in rates.values())
    next(train(network, batches, objective=CrossEntropy(), schedule=Schedule(), rates=rates))


def test_misuse(network, batches):
    with pytest.raises(UnknownName, match="Unknown layer '8'"):
        relative_gradient_rates(network, batches, objective=CrossEntropy(), layers=["8"])
