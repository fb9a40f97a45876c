"""The small convolutional network: shapes for every size it takes, and it learns."""

from __future__ import annotations

import pytest
import torch

from headstart.backbones.conv import conv_network, open_conv
from headstart.errors import BackboneError


@pytest.mark.parametrize("size", [8, 9, 16, 28, 32, 47, 64, 96])
@pytest.mark.parametrize("channels", [1, 3])
def test_shapes(size, channels):
    backbone = open_conv(size=size, channels=channels, width=4, classes=5)
    batch = backbone.preparation.example()
    assert batch.shape == (2, channels, size, size)
    assert list(dict(backbone.module.named_children()))[-1] == "classifier" and "classifier" not in backbone.layers
    maps = backbone.embed(batch, backbone.layers, pooling="none")
    assert 2 <= maps[backbone.layers[-2]].shape[-1] <= 7
    with torch.no_grad():
        assert backbone.module(batch).shape == (2, 5)


def test_it_can_tell_stripes_apart():
    """Horizontal from vertical ones, which no mean of pixels can do."""
    generator = torch.Generator().manual_seed(0)
    stripes = torch.arange(16).remainder(4).lt(2).float()
    labels = torch.arange(64) % 2
    pictures = torch.stack(
        [stripes[None].expand(16, 16) if label else stripes[:, None].expand(16, 16) for label in labels]
    )
    shifted = torch.stack([torch.roll(p, (n % 4, n % 3), (0, 1)) for n, p in enumerate(pictures)])[:, None]
    noisy = shifted + 0.3 * torch.randn(shifted.shape, generator=generator)
    network = open_conv(size=16, channels=1, width=8, seed=1).module.train()
    optimizer = torch.optim.Adam(network.parameters(), lr=3e-3)
    for _ in range(20):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(network(noisy[:32]), labels[:32]).backward()
        optimizer.step()
    with torch.no_grad():
        assert (network.eval()(noisy[32:]).argmax(1) == labels[32:]).float().mean() > 0.95


def test_trained_weights_are_wrapped_anew():
    backbone = open_conv(size=8)
    trained = conv_network(size=8, channels=3, width=32, classes=2)
    wrapped = backbone.with_module(trained, reopens=False)
    assert wrapped.fingerprint != backbone.fingerprint and not wrapped.describe()["reopens"]


@pytest.mark.parametrize("options", [{"size": 7}, {"size": 97}, {"channels": 2}, {"classes": 0}, {"width": 0}])
def test_impossible_options_are_refused(options):
    with pytest.raises(BackboneError, match=r"conv takes size 8\.\.96"):
        open_conv(**options)
