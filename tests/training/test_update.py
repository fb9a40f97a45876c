import copy

import pytest
import torch
from torch import nn

from headstart.training.batches import Batch
from headstart.training.loop import train
from headstart.training.schedule import Schedule
from headstart.training.terms.anchor import Anchor
from headstart.training.terms.cross_entropy import CrossEntropy
from headstart.training.update import parts_of


def without_statistics():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(6, 16), nn.LayerNorm(16), nn.ReLU(), nn.Linear(16, 3))


@pytest.mark.parametrize("accumulate", [2, 3, 16, 50])
def test_a_batch_in_parts_is_the_same_update(batches, accumulate):
    whole = without_statistics()
    apart, start = copy.deepcopy(whole), copy.deepcopy(whole)
    options = {"objective": CrossEntropy() + 0.1 * Anchor.l2sp(start), "schedule": Schedule(steps=20, lr=0.01)}
    one = [step.loss for step in train(whole, batches, **options)]
    many = [step.loss for step in train(apart, batches, accumulate=accumulate, **options)]
    assert many == pytest.approx(one, rel=1e-5)
    for ours, theirs in zip(apart.parameters(), whole.parameters(), strict=True):
        assert torch.allclose(ours, theirs, atol=1e-5)


@pytest.mark.parametrize(("n", "count", "sizes"), [(10, 3, [3, 3, 4]), (2, 5, [1, 1]), (7, 1, [7])])
def test_parts_cover_the_batch_once(n, count, sizes):
    batch = Batch({"a": torch.arange(n), "b": torch.arange(n) * 2}, {"labels": torch.arange(n)}, torch.arange(n))
    cut = parts_of(batch, count)
    assert [len(part) for part in cut] == sizes
    assert torch.equal(torch.cat([part.inputs["b"] for part in cut]), torch.arange(n) * 2)
    assert torch.equal(torch.cat([part["labels"] for part in cut]), torch.arange(n))
    assert torch.equal(torch.cat([part.rows for part in cut]), torch.arange(n))


def test_misuse(network, batches):
    with pytest.raises(ValueError, match="accumulate"):
        next(train(network, batches, objective=CrossEntropy(), schedule=Schedule(), accumulate=0))
