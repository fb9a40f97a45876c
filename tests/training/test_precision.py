import copy
from functools import partial

import pytest
import torch
from torch import nn

from headstart.errors import TrainingError
from headstart.training import precision
from headstart.training.freezing import state_digest
from headstart.training.loop import train
from headstart.training.precision import Precision, runs
from headstart.training.schedule import Schedule
from headstart.training.terms.cross_entropy import CrossEntropy

CPU = torch.device("cpu")


def test_the_trial_takes_place_elsewhere_and_once(monkeypatch):
    """A trial that kills its process leaves ours alone; the second question is answered from memory."""
    runs.cache_clear()
    monkeypatch.setattr(precision, "_TRIAL", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    assert runs("cpu", torch.float16) is False
    monkeypatch.setattr(precision, "_TRIAL", "")
    assert runs("cpu", torch.float16) is False
    assert runs("cpu", torch.bfloat16) is True
    runs.cache_clear()


def test_hardware_that_dies_is_an_error_that_says_what_to_do(network, batches, monkeypatch):
    monkeypatch.setattr(precision, "runs", lambda device, type: False)
    with pytest.raises(TrainingError, match=r"does not run bf16 .*train in 'float32'"):
        next(train(network, batches, objective=CrossEntropy(), schedule=Schedule(), precision="bf16"))


def test_auto_on_a_cpu_is_float32_and_asks_nothing(network, batches, monkeypatch):
    monkeypatch.setattr(precision, "runs", lambda device, type: pytest.fail("no trial is needed"))
    twin = copy.deepcopy(network)
    options = {"objective": CrossEntropy(), "schedule": Schedule(steps=5)}
    assert [*train(network, batches, precision="auto", **options)] == [*train(twin, batches, **options)]
    assert state_digest(network) == state_digest(twin)


def test_float16_agrees_with_float32_to_its_accuracy(batches):
    """Where this machine runs it; the scale must be out of the gradients before they are clipped."""
    if not runs("cpu", torch.float16):
        pytest.skip("this CPU does not run float16")
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 3))
    half = copy.deepcopy(network)
    options = {"objective": CrossEntropy(), "schedule": Schedule(steps=60, lr=0.02, clip=0.1)}
    full = [step.loss for step in train(network, batches, **options)]
    scaled = [step.loss for step in train(half, batches, precision="fp16", **options)]
    assert scaled == pytest.approx(full, rel=0.05, abs=0.02)
    assert half[0].weight.dtype == torch.float32


@pytest.mark.parametrize("make", [torch.optim.SGD, partial(torch.optim.AdamW, fused=True)])
def test_an_overflow_halves_the_scale_and_writes_nothing(network, make):
    numbers = fp16()
    optimizer = make(network.parameters(), lr=1.0)
    before, scale = state_digest(network), numbers.state()["scale"]
    numbers.backward(sum(parameter.sum() for parameter in network.parameters()) * 1e38)
    numbers.unscale(optimizer)
    numbers.step(optimizer)
    assert state_digest(network) == before
    assert numbers.state()["scale"] == scale / 2
    again = fp16()
    again.load_state(numbers.state())
    assert again.state() == numbers.state()


def fp16():
    """Float16's bookkeeping, whatever this CPU runs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(precision, "runs", lambda device, type: True)
        return Precision("fp16", CPU)


def test_misuse():
    with pytest.raises(ValueError, match="precision must be"):
        Precision("int8", CPU)
    assert Precision("float32", CPU).state() == {}
