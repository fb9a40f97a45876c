"""Below and above, composed, are the whole: at every layer of every kind of network."""

from __future__ import annotations

import importlib.util

import pytest
import torch
from torch import nn

from headstart.backbones.cutting import cut
from headstart.backbones.opening import open_backbone
from headstart.errors import BackboneError


def check_every_cut(backbone, batch, *, step=1):
    with torch.no_grad():
        whole = backbone.module(batch)
        for layer in backbone.layers[::-step]:
            below, above = backbone.cut(layer)
            torch.testing.assert_close(above(below(batch)), whole, atol=1e-6, rtol=1e-5, msg=lambda m, at=layer: at + m)


def test_mobilenet(mobilenet, pictures):
    check_every_cut(mobilenet, mobilenet.collate([mobilenet.prepare(picture) for picture in pictures]))


@pytest.mark.parametrize("name", ["vit_tiny_patch16_224", "resnet10t", "convnext_atto"])
def test_other_families_of_timm(name, pictures):
    if importlib.util.find_spec("timm") is None:
        pytest.skip("timm is not installed: pip install 'headstart[vision]'")
    size = "img_size=32" if name.startswith("vit") else "input_size=32"
    backbone = open_backbone(f"random/timm/{name}?{size}")
    check_every_cut(backbone, backbone.collate([backbone.prepare(picture) for picture in pictures]), step=5)


@pytest.mark.parametrize("size", [8, 32])
def test_conv(size, pictures):
    backbone = open_backbone("conv", size=size)
    check_every_cut(backbone, backbone.collate([backbone.prepare(picture) for picture in pictures]))


def test_mlp():
    check_every_cut(open_backbone("mlp?inputs=5&depth=3"), torch.randn(4, 5))


def test_sentence_encoder_with_texts_of_different_lengths(minilm, texts):
    check_every_cut(minilm, minilm.collate([minilm.prepare(text) for text in texts]))


def test_halves_share_no_weight_with_the_backbone(tiny, batch):
    below, above = tiny.cut("low")
    own = {tensor.data_ptr() for tensor in tiny.module.parameters()}
    assert own.isdisjoint(tensor.data_ptr() for half in (below, above) for tensor in half.parameters())
    with torch.no_grad():
        for tensor in above.parameters():
            tensor.zero_()
    tiny.embed(batch, ["pool"])  # still what its fingerprint says


def test_each_weight_lies_in_exactly_one_half(mobilenet):
    below, above = mobilenet.cut("blocks.3")
    counts = [sum(tensor.numel() for tensor in part.parameters()) for part in (below, above, mobilenet.module)]
    assert counts[0] > 0 and counts[1] > 0 and counts[0] + counts[1] == counts[2]


class Skip(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(4, 4), nn.Linear(4, 4)

    def forward(self, x):
        return self.second(self.first(x)) + x


class Twice(Skip):
    def forward(self, x):
        return self.second(self.first(self.first(x)))


class Branching(Skip):
    def forward(self, x):
        return self.second(self.first(x)) if x.sum() > 0 else x


@pytest.mark.parametrize(
    ("network", "reason"),
    [(Skip(), "used on both sides"), (Twice(), "runs 2 times"), (Branching(), "cannot be traced")],
)
def test_where_no_cut_is_possible_it_says_why(network, reason):
    with pytest.raises(BackboneError, match=f"cannot cut at 'first'.*{reason}"):
        cut(network, "first")


def test_unknown_layer(tiny):
    with pytest.raises(BackboneError, match="Did you mean 'high'"):
        tiny.cut("hig")
