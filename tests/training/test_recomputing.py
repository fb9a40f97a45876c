import copy

import pytest
import torch
from torch import nn

from headstart.errors import UnknownName
from headstart.training.freezing import state_digest
from headstart.training.loop import train
from headstart.training.recomputing import recomputed
from headstart.training.schedule import Schedule
from headstart.training.terms.cross_entropy import CrossEntropy


def network(momentum=0.1):
    torch.manual_seed(0)
    block = nn.Sequential(nn.Linear(8, 8), nn.BatchNorm1d(8, momentum=momentum), nn.ReLU(inplace=True), nn.Dropout(0.3))
    return nn.Sequential(nn.Linear(6, 8), block, copy.deepcopy(block), nn.Linear(8, 3))


@pytest.mark.parametrize("momentum", [0.1, None])
def test_weights_statistics_and_dropout_are_the_same_bits(batches, momentum):
    plain, thrifty = network(momentum), network(momentum)
    options = {"objective": CrossEntropy(), "schedule": Schedule(steps=15, lr=0.02)}
    one = [step.loss for step in train(plain, batches, **options)]
    with recomputed(thrifty, ["1", "2"]):
        other = [step.loss for step in train(thrifty, batches, **options)]
    assert one == other
    assert state_digest(plain) == state_digest(thrifty)


def test_inner_values_are_not_kept():
    """What autograd saves between the passes, counted; the block's own activations are gone."""

    def saved(model):
        kept = []
        with torch.autograd.graph.saved_tensors_hooks(lambda t: kept.append(t.numel()) or t, lambda t: t):
            model.train()(torch.randn(100, 6))
        return sum(kept)

    model = nn.Sequential(
        nn.Linear(6, 8), nn.Sequential(*[nn.Sequential(nn.Linear(8, 8), nn.Tanh()) for _ in range(6)])
    )
    whole = saved(model)
    with recomputed(model, ["1"]):
        assert saved(model) < whole / 3


def test_it_is_off_outside_and_in_eval_mode():
    model = network()
    inner = type(model[1]).forward
    with recomputed(model, ["1"]):
        assert model[1].forward is not inner
        assert not model.eval()(torch.randn(4, 6)).isnan().any()
    assert "forward" not in vars(model[1])


def test_misuse():
    with pytest.raises(UnknownName, match="Unknown layer 'layer1'"), recomputed(network(), ["layer1"]):
        pass
