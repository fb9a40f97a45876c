"""From a picture to a network's input: resize and centre crop in one step, then normalise a whole batch at once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from headstart.data.pictures import open_picture
from headstart.data.samples import Item
from headstart.errors import BackboneError

CropMode: TypeAlias = Literal["center", "squash"]
FILTERS = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
    "box": Image.Resampling.BOX,
}
DECODER = "Pillow, large JPEGs at a power of two"  # names what decides pixels: part of every fingerprint


@dataclass(frozen=True, kw_only=True)
class PicturePreparation:
    """The test-time preprocessing of a picture network.

    size       (height, width) of the network's input, in pixels
    crop_pct   share of the resized picture's side that the centre crop keeps
    crop_mode  "center" keeps the aspect ratio and cuts the longer side; "squash" resizes both sides
    mean, std  per channel, of values 0..1
    """

    size: tuple[int, int]
    crop_pct: float = 1.0
    crop_mode: CropMode = "center"
    interpolation: str = "bilinear"
    mean: tuple[float, ...] = (0.5, 0.5, 0.5)
    std: tuple[float, ...] = (0.5, 0.5, 0.5)

    def __post_init__(self) -> None:
        if self.interpolation not in FILTERS:
            raise BackboneError(f"unknown interpolation '{self.interpolation}'; known: {', '.join(FILTERS)}")
        if self.crop_mode not in ("center", "squash"):
            raise BackboneError(f"crop_mode '{self.crop_mode}' is not supported; write center or squash")
        if not 0 < self.crop_pct <= 1:
            raise BackboneError(f"crop_pct must lie in (0, 1], got {self.crop_pct}")
        if len(self.mean) != len(self.std) or len(self.mean) not in (1, 3):
            raise BackboneError(f"mean and std need 1 or 3 values each, got {self.mean} and {self.std}")
        if min(self.size) < 1 or min(self.std) <= 0:
            raise BackboneError(f"size and std must be positive, got {self.size} and {self.std}")

    @property
    def channels(self) -> int:
        return len(self.mean)

    def prepare(self, item: Item) -> Tensor:
        """(height, width, channels) uint8. Raises `DataError` with the reason."""
        picture = open_picture(item, at_least=2 * max(self._scaled()))
        if self.channels == 1:
            picture = picture.convert("L")
        box = self.box(picture.size)
        small = picture.resize(self.size[::-1], FILTERS[self.interpolation], box=box)
        pixels = torch.from_numpy(np.array(small))
        return pixels if pixels.ndim == 3 else pixels[:, :, None]

    def box(self, size: tuple[int, int]) -> tuple[float, float, float, float]:
        """The part of a (width, height) picture that, resized, equals resizing first and cropping after.

        It lands on whole pixels of the resized picture, rounding as the two-step version does; a box that only has
        the right proportions differs from it by several grey levels.
        """
        width, height = size
        wide, high = self._resized(width, height)
        rows, columns = self.size
        left, top = round((wide - columns) / 2), round((high - rows) / 2)
        x, y = width / wide, height / high
        return left * x, top * y, min((left + columns) * x, width), min((top + rows) * y, height)

    def cost(self, prepared: Tensor) -> int:
        """1: every picture has the same size by now."""
        return 1

    def collate(self, prepared: Sequence[Tensor]) -> Tensor:
        """(n, channels, height, width) float32, normalised; in memory channels come last."""
        batch = torch.stack(list(prepared)).float()
        # whole rows at a time: three values at a time cost four times as much
        mean, std = (torch.tensor(values).repeat(batch.shape[2]) for values in (self.mean, self.std))
        batch.flatten(2).sub_(255 * mean).mul_(1 / (255 * std))
        return batch.permute(0, 3, 1, 2)

    def describe(self) -> dict[str, Any]:
        """All of its fields, and the decoder."""
        return {"picture": asdict(self), "decoder": DECODER}

    def example(self) -> Tensor:
        """Two pictures of noise."""
        noise = torch.Generator().manual_seed(0)
        return self.collate(
            [*torch.randint(0, 256, (2, *self.size, self.channels), generator=noise, dtype=torch.uint8)]
        )

    def _scaled(self) -> tuple[int, int]:
        return math.floor(self.size[0] / self.crop_pct), math.floor(self.size[1] / self.crop_pct)

    def _resized(self, width: int, height: int) -> tuple[int, int]:
        """Whole-number (width, height) before the crop, rounded as torchvision and timm round."""
        rows, columns = self._scaled()
        if self.crop_mode == "squash":
            return columns, rows
        if rows == columns:  # the shorter side becomes this long, the other one is rounded down
            short, long = rows, int(rows * max(width, height) / min(width, height))
            return (short, long) if width <= height else (long, short)
        ratio = min(height / rows, width / columns)
        return round(width / ratio), round(height / ratio)
