import math

import pytest
import torch
from torch import nn

from headstart.errors import TrainingError
from headstart.training.batches import Batches
from headstart.training.freezing import state_digest
from headstart.training.loop import train
from headstart.training.rate_finder import RisingRate, find_rate
from headstart.training.schedule import Schedule
from headstart.training.terms.cross_entropy import CrossEntropy


def test_rates_rise_by_one_factor():
    rising = RisingRate(steps=5, low=1e-4, lr=1.0)
    assert [rising.rate(step) for step in range(5)] == pytest.approx([1e-4, 1e-3, 1e-2, 1e-1, 1.0])


@pytest.mark.parametrize("optimizer", ["adamw", "sgd"])
def test_what_it_suggests_trains_and_the_model_is_not_touched(network, batches, optimizer):
    before = state_digest(network)
    schedule = Schedule(steps=120, optimizer=optimizer)
    curve = find_rate(network, batches, objective=CrossEntropy(), schedule=schedule, high=10.0)
    assert state_digest(network) == before
    assert len(curve.rates) == len(curve.losses)
    assert 1e-6 < curve.suggestion < 10
    found = Schedule(steps=120, lr=curve.suggestion, optimizer=optimizer)
    steps = list(train(network, batches, objective=CrossEntropy(), schedule=found))
    assert steps[-1].loss < 0.7 * steps[0].loss
    assert f"{curve.suggestion:.2g}" in str(curve)


def test_it_scales_as_the_problem_does():
    """With plain SGD, inputs ten times as large need rates a hundred times lower."""

    def suggestion(scale):
        inputs = scale * torch.randn(64, 2, generator=torch.Generator().manual_seed(0))
        labels = (inputs[:, 0] > 0).long()
        labels[::4] = 1 - labels[::4]  # rates that are too high must cost something
        batches = Batches(inputs, {"labels": labels}, size=64)
        torch.manual_seed(0)
        model = nn.Linear(2, 2, bias=False)
        model.weight.data.div_(scale)
        schedule = Schedule(optimizer="sgd", clip=None)
        curve = find_rate(model, batches, objective=CrossEntropy(), schedule=schedule, low=1e-8, high=1e4, steps=200)
        return curve.suggestion

    assert suggestion(1.0) / suggestion(10.0) == pytest.approx(100, rel=0.5)


def test_misuse(network, batches):
    with pytest.raises(ValueError, match="below high"):
        find_rate(network, batches, objective=CrossEntropy(), low=1.0, high=0.1)
    batches.inputs.fill_(math.nan)
    with pytest.raises(TrainingError, match="no number at step 1"):
        find_rate(network, batches, objective=CrossEntropy())
    flat = Batches(torch.zeros(8, 6), {"labels": torch.full((8,), -1)}, size=8)
    with pytest.raises(TrainingError, match="does not fall at any learning rate"):
        find_rate(network, flat, objective=CrossEntropy(), steps=10)
