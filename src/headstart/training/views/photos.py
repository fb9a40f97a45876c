"""Photos: a random part resized to the whole (Szegedy et al., CVPR 2015), a mirror, small changes of light and colour.

The operations are torchvision's (`transforms.v2.functional`); what they are given is drawn here, because theirs would
draw it from the global generator, which threads share.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from importlib.metadata import version
from types import ModuleType
from typing import Any

import torch
from torch import Tensor

from headstart.backbones.torchvision_shim import make_torchvision_importable
from headstart.registry import require


@dataclass(frozen=True, kw_only=True)
class Photos:
    """(height, width, 1 or 3) uint8 → the same shape and type.

    smallest  least share of the picture's area that is kept
    aspect    largest change of the picture's proportions: 4/3 stretches a side by a third at most
    mirror    chance of left and right being exchanged
    light     largest relative change of brightness, of contrast and of saturation

    Raises `MissingExtra` when it is called where torchvision is not installed.
    """

    smallest: float = 0.5
    aspect: float = 4 / 3
    mirror: float = 0.5
    light: float = 0.2

    def __post_init__(self) -> None:
        if not (0 < self.smallest <= 1 and self.aspect >= 1 and 0 <= self.mirror <= 1 and 0 <= self.light < 1):
            raise ValueError(
                "smallest lies in (0, 1], aspect from 1 up, mirror in [0, 1], light in [0, 1); got "
                f"smallest={self.smallest}, aspect={self.aspect}, mirror={self.mirror}, light={self.light}"
            )

    def __call__(self, sample: Tensor, generator: torch.Generator) -> Tensor:
        operations = functional()
        chance = torch.rand(8, generator=generator, dtype=torch.float64).tolist()
        height, width, channels = sample.shape
        top, left, rows, columns = self.part(height, width, chance[:4])
        picture = operations.resized_crop(
            sample.permute(2, 0, 1).contiguous(), top, left, rows, columns, [height, width], antialias=True
        )
        if chance[4] < self.mirror:
            picture = operations.horizontal_flip(picture)
        for operation, share in (("brightness", chance[5]), ("contrast", chance[6]), ("saturation", chance[7])):
            if self.light and (channels == 3 or operation != "saturation"):
                picture = getattr(operations, f"adjust_{operation}")(picture, 1 + (2 * share - 1) * self.light)
        return picture.permute(1, 2, 0).contiguous()

    def part(self, height: int, width: int, chance: list[float]) -> tuple[int, int, int, int]:
        """Top, left, height and width of the part that is kept, in whole pixels, from four numbers in [0, 1)."""
        share = self.smallest + chance[0] * (1 - self.smallest)
        ratio = self.aspect ** (2 * chance[1] - 1)
        rows = min(max(1, round(height * math.sqrt(share / ratio))), height)
        columns = min(max(1, round(width * math.sqrt(share * ratio))), width)
        return int(chance[2] * (height - rows + 1)), int(chance[3] * (width - columns + 1)), rows, columns

    def describe(self) -> dict[str, Any]:
        return {"photos": asdict(self), "torchvision": version("torchvision")}


def functional() -> ModuleType:
    """torchvision's operations on tensors. Raises `MissingExtra` where they cannot be had."""
    make_torchvision_importable()
    return require("torchvision.transforms.v2.functional", extra="vision")
