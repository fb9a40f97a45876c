"""Faster forms give the same features or are not taken; settings end where they should."""

from __future__ import annotations

import torch
from torch import nn

from headstart.backbones import speed
from headstart.backbones.speed import bf16_works, faster, lowest_cosine, torch_threads


def test_the_faster_form_is_taken_and_equal(make_network, batch):
    network = make_network().eval()
    quick = faster(network, batch[:2], ["low", "high", "pool"])
    assert quick is not network
    assert not any(isinstance(module, nn.BatchNorm2d) for module in quick.modules())
    assert lowest_cosine(network, quick, batch, ["low", "high", "pool"]) > 0.99999


class ReadsTwice(nn.Module):
    """The convolution's output is read past the BatchNorm as well: folding would be wrong."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm = nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)
        with torch.no_grad():
            self.norm.running_mean.copy_(torch.tensor([5.0, -5.0, 5.0, -5.0]))

    def forward(self, x):
        between = self.conv(x)
        return self.norm(between) + between


def test_a_form_that_changes_features_is_not_taken(batch):
    network = ReadsTwice().eval()
    assert faster(network, batch[:2], [""]) is network


def test_networks_without_convolutions_or_example_run_as_they_are(make_network):
    linear = nn.Linear(3, 3)
    assert faster(linear, torch.randn(2, 3), [""]) is linear
    network = make_network()
    assert faster(network, None, [""]) is network


def test_cosine_knows_equal_opposite_and_broken(batch):
    class Scale(nn.Module):
        def __init__(self, factor: float) -> None:
            super().__init__()
            self.factor = factor

        def forward(self, x):
            return x * self.factor

    assert abs(lowest_cosine(Scale(1), Scale(3), batch, [""]) - 1) < 1e-12
    assert abs(lowest_cosine(Scale(1), Scale(-1), batch, [""]) + 1) < 1e-12
    assert lowest_cosine(Scale(0), Scale(0), batch, [""]) == 1
    assert lowest_cosine(Scale(1), Scale(float("nan")), batch, [""]) == 0


def test_threads_are_put_back():
    before = torch.get_num_threads()
    with torch_threads(3):
        assert torch.get_num_threads() == 3
    assert torch.get_num_threads() == before
    with torch_threads(None):
        assert torch.get_num_threads() == before


def test_a_cpu_that_dies_on_bf16_does_not_take_us_along(monkeypatch):
    monkeypatch.setattr(speed, "_BF16_PRODUCT", "import os, signal; os.kill(os.getpid(), signal.SIGILL)")
    assert bf16_works() is False
    monkeypatch.setattr(speed, "_BF16_PRODUCT", "import time; time.sleep(60)")
    assert bf16_works(timeout=0.5) is False
    monkeypatch.setattr(speed, "_BF16_PRODUCT", "pass")
    assert bf16_works() is True
