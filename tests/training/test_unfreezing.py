import copy

import pytest
import torch
from torch import nn

from headstart.errors import UnknownName
from headstart.training.freezing import state_digest
from headstart.training.loop import train
from headstart.training.schedule import Schedule
from headstart.training.terms.cross_entropy import CrossEntropy
from headstart.training.unfreezing import Unfreezing


def network():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8)), nn.Sequential(nn.ReLU(), nn.Linear(8, 8)), nn.Linear(8, 3)
    )


def test_each_layer_moves_from_its_step_on_and_no_sooner(batches):
    model = network()
    unfreezing = Unfreezing({"0": 0.5, "1": 0.2})
    running = train(model, batches, objective=CrossEntropy(), schedule=Schedule(steps=10), unfreezing=unfreezing)
    digests = [[state_digest(part) for part in model]]
    digests += [[state_digest(part) for part in model] for _ in running]
    began = [next(t for t in range(1, 11) if digests[t][part] != digests[t - 1][part]) for part in range(3)]
    assert began == [6, 3, 1]
    assert all(parameter.requires_grad for parameter in model.parameters())


def test_what_joins_at_once_is_the_plain_run(batches):
    one, other = network(), network()
    options = {"objective": CrossEntropy(), "schedule": Schedule(steps=10)}
    list(train(one, batches, unfreezing=Unfreezing({"0": 0.0}), **options))
    list(train(other, batches, **options))
    assert state_digest(one) == state_digest(other)


def test_what_was_frozen_by_the_caller_stays_so(batches):
    model = network()
    model[0].requires_grad_(False)
    before = copy.deepcopy(dict(model[0].named_parameters()))
    unfreezing = Unfreezing({"": 0.0, "0": 0.5})
    list(train(model, batches, objective=CrossEntropy(), schedule=Schedule(steps=4), unfreezing=unfreezing))
    assert all(torch.equal(before[name], parameter) for name, parameter in model[0].named_parameters())
    assert not any(parameter.requires_grad for parameter in model[0].parameters())


def test_a_caller_that_stops_gets_a_network_that_may_move(batches):
    model = network()
    running = train(model, batches, objective=CrossEntropy(), schedule=Schedule(), unfreezing=Unfreezing({"0": 0.5}))
    next(running)
    assert not any(parameter.requires_grad for parameter in model[0].parameters())
    running.close()
    assert all(parameter.requires_grad for parameter in model.parameters())


def test_from_the_top():
    assert Unfreezing.from_the_top(["a", "b", "c", "d"], by=0.6).joins == pytest.approx({"c": 0.2, "b": 0.4, "a": 0.6})
    assert Unfreezing.from_the_top(["a"]).joins == {}


def test_misuse(batches):
    with pytest.raises(ValueError, match=r"in \[0, 1\)"):
        Unfreezing({"0": 1.0})
    with pytest.raises(UnknownName, match="Unknown layer '9'"):
        unknown = Unfreezing({"9": 0.5})
        next(train(network(), batches, objective=CrossEntropy(), schedule=Schedule(), unfreezing=unknown))
