"""Folding a BatchNorm into the convolution before it changes nothing but the time it takes."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from headstart.backbones.folding import fold


def norms(network):
    return [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]


@given(
    channels=st.sampled_from([(3, 4, 1), (4, 8, 2), (6, 6, 6)]),
    bias=st.booleans(),
    affine=st.booleans(),
    eps=st.sampled_from([1e-5, 1e-3]),
    seed=st.integers(0, 9),
)
@settings(max_examples=25, deadline=None)
def test_equal_to_the_two_layers(channels, bias, affine, eps, seed):
    inputs, outputs, groups = channels
    generator = torch.Generator().manual_seed(seed)
    network = nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, groups=groups, bias=bias), nn.BatchNorm2d(outputs, eps=eps, affine=affine)
    )
    with torch.no_grad():
        for tensor in [*network.parameters(), network[1].running_mean]:
            tensor.copy_(torch.randn(tensor.shape, generator=generator))
        network[1].running_var.copy_(torch.rand(outputs, generator=generator) + 0.1)
    network.eval()
    batch = torch.randn(3, inputs, 7, 7, generator=generator)
    folded = fold(network, batch[:2])
    assert not norms(folded) and len(norms(network)) == 1
    with torch.no_grad():
        torch.testing.assert_close(folded(batch), network(batch), atol=1e-4, rtol=1e-4)


def test_every_norm_of_mobilenet_folds_and_paths_stay(mobilenet):
    example = mobilenet.preparation.example()
    folded = fold(mobilenet.module, example)
    assert norms(mobilenet.module) and not norms(folded)
    assert [path for path, _ in mobilenet.module.named_children()] == [path for path, _ in folded.named_children()]
    with torch.no_grad():
        torch.testing.assert_close(folded(example), mobilenet.module(example), atol=1e-4, rtol=1e-3)


def test_a_convolution_that_is_listened_to_is_left_alone():
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)).eval()
    assert len(norms(fold(network, torch.randn(2, 3, 5, 5), keep=["0"]))) == 1


class Reused(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm = nn.Conv2d(4, 4, 1), nn.BatchNorm2d(4)

    def forward(self, x):
        return self.norm(self.conv(self.conv(x)))


@pytest.mark.parametrize(
    "network",
    [
        Reused(),
        nn.Sequential(nn.Conv2d(4, 4, 1), nn.ReLU(inplace=True), nn.BatchNorm2d(4)),
        nn.Sequential(nn.Conv2d(4, 4, 1), nn.BatchNorm2d(4, track_running_stats=False)),
        nn.Sequential(nn.BatchNorm2d(4), nn.Conv2d(4, 4, 1)),
    ],
    ids=["used twice", "written over", "no statistics", "norm first"],
)
def test_what_cannot_be_folded_is_left_alone(network):
    assert len(norms(fold(network.eval(), torch.randn(2, 4, 5, 5)))) == 1
