import copy

import pytest
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel

from headstart.training.averaging import Average
from headstart.training.freezing import state_digest


def shaken(model, times):
    random = torch.Generator().manual_seed(0)
    for _ in range(times):
        with torch.no_grad():
            for parameter in model.parameters():
                parameter += torch.randn(parameter.shape, generator=random)
        model(torch.randn(8, 6, generator=random))  # moves the running statistics
        yield


def test_agrees_with_pytorch_and_with_the_definition(network):
    """torch's AveragedModel starts at once; with the warm-up's own decays the two are the same sums."""
    counter = iter(range(1, 100))

    def as_warmed(kept, now, _count):
        t = next(counter)
        decay = min(0.7, (1 + t) / (10 + t))
        return decay * kept + (1 - decay) * now

    model = nn.Sequential(nn.Linear(6, 3))
    for name in ("weight", "bias"):
        counter = iter(range(1, 100))
        twin = nn.Module()
        twin.register_parameter(name, nn.Parameter(getattr(model[0], name).detach().clone()))
        theirs = AveragedModel(twin, avg_fn=as_warmed)
        theirs.update_parameters(twin)  # the first call copies
        copied, ours = copy.deepcopy(model), Average(model, decay=0.7)
        for _ in shaken(copied, 20):
            ours.step_done(copied)
            with torch.no_grad():
                getattr(twin, name).copy_(getattr(copied[0], name))
            theirs.update_parameters(twin)
        ours.write(copied)
        assert torch.allclose(getattr(copied[0], name), getattr(theirs.module, name), atol=1e-5)


def test_statistics_are_averaged_and_counters_copied(network):
    network.train()
    average = Average(network, decay=0.5)
    for _ in shaken(network, 3):
        average.step_done(network)
    now = copy.deepcopy(network.state_dict())
    average.write(network)
    assert network[1].num_batches_tracked == now["1.num_batches_tracked"] == 3
    assert not torch.equal(network[1].running_mean, now["1.running_mean"])


def test_inside_and_out_again(network):
    average = Average(network, decay=0.9)
    for _ in shaken(network, 2):
        average.step_done(network)
    own = state_digest(network)
    with average.inside(network):
        assert state_digest(network) != own
    assert state_digest(network) == own


def test_a_state_goes_on_with_the_same_bits(network):
    first, second = Average(network, decay=0.9), Average(network, decay=0.9)
    for _ in shaken(network, 5):
        first.step_done(network)
    second.load_state({name: tensor.clone() for name, tensor in first.state().items()})
    for _ in shaken(network, 5):
        first.step_done(network)
        second.step_done(network)
    other = copy.deepcopy(network)
    first.write(network)
    second.write(other)
    assert state_digest(network) == state_digest(other)


@pytest.mark.parametrize("decay", [-0.1, 1.0])
def test_misuse(network, decay):
    with pytest.raises(ValueError, match="decay"):
        Average(network, decay=decay)


def test_an_average_keeps_the_bits_of_what_never_moves() -> None:
    still = torch.nn.Module()
    still.register_buffer("mask", torch.tensor([-0.0, float("-inf"), 1.0]))
    average = Average(still, decay=0.9)
    average.step_done(still)
    kept = average.state()["weights/mask"]
    assert torch.equal(torch.signbit(kept), torch.tensor([True, True, False])) and kept[1] == float("-inf")
