import copy

import pytest
import torch
from torch import nn

from headstart.errors import TrainingError
from headstart.training.chance import chance
from headstart.training.stochastic_norm import StochasticNorm, stochastic_norms

PICTURES = 2 + 3 * torch.randn(8, 5, 4, 4, generator=torch.Generator().manual_seed(0))


def norm():
    module = nn.BatchNorm2d(5)
    with torch.no_grad():
        module.running_mean += torch.randn(5, generator=torch.Generator().manual_seed(1))
        module.running_var *= 2.5
        module.weight += torch.arange(5)
    return module


def test_shares_of_none_and_all_are_pytorchs_two_modes():
    plain = norm()
    by_source, by_batch = plain.eval()(PICTURES), copy.deepcopy(plain).train()(PICTURES)
    assert torch.equal(StochasticNorm(copy.deepcopy(plain), share=0.0).train()(PICTURES), by_source)
    assert torch.equal(StochasticNorm(copy.deepcopy(plain), share=1.0).train()(PICTURES), by_batch)
    assert torch.equal(StochasticNorm(copy.deepcopy(plain), share=0.5).eval()(PICTURES), by_source)


def test_between_them_every_channel_is_one_or_the_other():
    plain = norm()
    by_source, by_batch = plain.eval()(PICTURES), copy.deepcopy(plain).train()(PICTURES)
    chosen = []
    for seed in range(40):
        with chance(seed):
            mixed = StochasticNorm(copy.deepcopy(plain), share=0.25).train()(PICTURES)
        for channel in range(5):
            is_batch = torch.equal(mixed[:, channel], by_batch[:, channel])
            assert is_batch or torch.equal(mixed[:, channel], by_source[:, channel])
            chosen.append(is_batch)
    assert 0.15 < sum(chosen) / len(chosen) < 0.35


@pytest.mark.parametrize("momentum", [0.1, None])
def test_statistics_are_collected_as_batch_norm_collects_them(momentum):
    plain = norm()
    plain.momentum = momentum
    stochastic = StochasticNorm(copy.deepcopy(plain), share=0.5).train()
    for _ in range(3):
        plain.train()(PICTURES)
        stochastic(PICTURES)
    for name, tensor in plain.state_dict().items():
        assert torch.allclose(stochastic.state_dict()[name], tensor), name


def test_a_network_keeps_its_names_weights_and_gradients():
    network = nn.Sequential(nn.Conv2d(5, 5, 1), norm(), nn.Sequential(nn.BatchNorm2d(5, affine=False)))
    state, weight = copy.deepcopy(network.state_dict()), network[1].weight
    assert stochastic_norms(network) == ["1", "2.0"]
    assert network.state_dict().keys() == state.keys()
    network.load_state_dict(state)
    assert network[1].weight is weight
    with chance(0):
        network.train()(PICTURES).square().sum().backward()
    assert all(torch.isfinite(parameter.grad).all() for parameter in network.parameters())


def test_misuse():
    with pytest.raises(TrainingError, match="no BatchNorm with running statistics"):
        stochastic_norms(nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2, track_running_stats=False)))
    with pytest.raises(TrainingError, match="itself a BatchNorm"):
        stochastic_norms(nn.BatchNorm1d(3))
    with pytest.raises(ValueError, match="probability"):
        stochastic_norms(nn.Sequential(norm()), share=1.5)


class Activated(nn.BatchNorm2d):
    """As timm's BatchNormAct2d: dropout and activation after it."""

    def __init__(self, channels):
        super().__init__(channels)
        self.drop, self.act = nn.Identity(), nn.ReLU()

    def forward(self, inputs):
        return self.act(self.drop(super().forward(inputs)))


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_an_activation_behind_the_norm_stays(share):
    plain = nn.Sequential(Activated(5))
    made = copy.deepcopy(plain)
    stochastic_norms(made, share=share)
    assert made.state_dict().keys() == plain.state_dict().keys()
    assert torch.equal(made.eval()(PICTURES), plain.eval()(PICTURES))
    assert torch.equal(made.train()(PICTURES), plain.train(share == 1)(PICTURES))


def test_a_norm_that_does_something_else_is_refused():
    class Doubled(nn.BatchNorm2d):
        def forward(self, inputs):
            return 2 * super().forward(inputs)

    with pytest.raises(TrainingError, match="'0' is a Doubled, which does more"):
        stochastic_norms(nn.Sequential(Doubled(3)))
