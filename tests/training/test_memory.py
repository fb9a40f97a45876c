"""Memory that runs out is made believe: the network refuses more than so many rows at once."""

import copy

import pytest
import torch
from torch import nn

from headstart.errors import TrainingError
from headstart.training.batches import Batches
from headstart.training.freezing import state_digest
from headstart.training.loop import train
from headstart.training.memory import is_out_of_memory
from headstart.training.schedule import Schedule
from headstart.training.terms.cross_entropy import CrossEntropy

CPU_SAYS = "[enforce fail at alloc_cpu.cpp:124] DefaultCPUAllocator: not enough memory: you tried to allocate 9 bytes."


class Narrow(nn.Module):
    def __init__(self, network, most, error) -> None:
        super().__init__()
        self.network, self.most, self.error = network, most, error

    def forward(self, x):
        output = self.network(x)
        if len(x) > self.most:
            raise self.error
        return output


@pytest.mark.parametrize("error", [torch.OutOfMemoryError("CUDA out of memory"), RuntimeError(CPU_SAYS), MemoryError()])
@pytest.mark.parametrize(("most", "fits"), [(9, 6), (5, 3), (1, 1)])
def test_the_batch_size_that_fits_is_named_and_fits(error, most, fits):
    """Batches of 12 rows; halves are tried."""
    inputs = torch.randn(36, 6)
    batches = Batches(inputs, {"labels": torch.arange(36) % 3}, size=12)
    model = Narrow(nn.Sequential(nn.Linear(6, 16), nn.LayerNorm(16), nn.Linear(16, 3)), most, error)
    before = state_digest(model)
    options = {"objective": CrossEntropy(), "schedule": Schedule(steps=3)}
    parts = 12 // fits
    wanted = rf"12 rows at once do not fit into memory \(step 1\); {fits} fit. .*size={fits}, .*accumulate={parts} "
    with pytest.raises(TrainingError, match=wanted):
        list(train(model, batches, **options))
    assert state_digest(model) == before
    assert all(parameter.grad is None for parameter in model.parameters())
    assert len(list(train(model, batches, accumulate=parts, **options))) == 3


def test_not_even_one_row(network, batches):
    with pytest.raises(TrainingError, match="neither does a single one"):
        list(train(Narrow(network, 0, MemoryError()), batches, objective=CrossEntropy(), schedule=Schedule(steps=3)))


def test_weights_of_the_steps_before_stay(network, batches):
    model, twin = Narrow(network, 99, MemoryError()), Narrow(copy.deepcopy(network), 99, MemoryError())
    options = {"objective": CrossEntropy(), "schedule": Schedule(steps=6)}
    running = train(model, batches, **options)
    for _ in range(3):
        next(running)
    model.most = 2
    with pytest.raises(TrainingError, match="step 4"):
        next(running)
    running = train(twin, batches, **options)
    for _ in range(3):
        next(running)
    running.close()
    assert all(torch.equal(*pair) for pair in zip(model.parameters(), twin.parameters(), strict=True))


def test_other_errors_are_not_taken_for_it(network, batches):
    wrong = RuntimeError("mat1 and mat2 shapes cannot be multiplied")
    assert not is_out_of_memory(wrong)
    with pytest.raises(RuntimeError, match="mat1"):
        list(train(Narrow(network, 2, wrong), batches, objective=CrossEntropy(), schedule=Schedule(steps=3)))
