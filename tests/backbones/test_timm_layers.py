"""Layers of timm networks are found in the order they run, whatever the family."""

from __future__ import annotations

import importlib.util

import pytest
import torch

from headstart.backbones.opening import open_backbone
from headstart.backbones.timm_layers import timm_layers

pytestmark = pytest.mark.skipif(importlib.util.find_spec("timm") is None, reason="timm is not installed")


@pytest.mark.parametrize(
    ("name", "option", "expected"),
    [
        ("resnet10t", "input_size=32", ["act1", "layer1", "layer2", "layer3", "layer4", "pool"]),
        ("convnext_atto", "input_size=32", [*(f"stages.{number}" for number in range(4)), "pool"]),
        ("vit_tiny_patch16_224", "img_size=32", [*(f"blocks.{number}" for number in range(12)), "pool"]),
    ],
)
def test_families(name, option, expected):
    backbone = open_backbone(f"random/timm/{name}?{option}")
    assert list(backbone.layers) == expected
    found = backbone.embed(torch.randn(2, 3, 32, 32), backbone.layers)
    assert all(rows.shape[0] == 2 and rows.ndim == 2 for rows in found.values())


def test_mobilenet_has_its_blocks(mobilenet):
    assert mobilenet.layers == (*(f"blocks.{number}" for number in range(7)), "pool")
    widths = [rows.shape[1] for rows in mobilenet.embed(mobilenet.preparation.example(), mobilenet.layers).values()]
    assert widths == [16, 24, 32, 64, 96, 160, 320, 1280]  # Sandler et al., CVPR 2018, table 2


class Swapped(torch.nn.Module):
    """A network whose maps keep channels last, and says so only through its stage widths."""

    def __init__(self, output_fmt: str = "") -> None:
        super().__init__()
        self.stem = torch.nn.Conv2d(3, 5, 3)
        self.stage = torch.nn.Identity()
        self.output_fmt = output_fmt
        self.feature_info = [{"module": "stage", "num_chs": 5}]

    def forward(self, x):
        return self.stage(self.stem(x).permute(0, 2, 3, 1)).mean((1, 2))


@pytest.mark.parametrize("output_fmt", ["", "NHWC"])
def test_channels_kept_last_are_noticed(output_fmt):
    layers, axis = timm_layers(Swapped(output_fmt), torch.randn(2, 3, 12, 12))
    assert layers == {"stage": "stage", "pool": ""} and axis == 3
