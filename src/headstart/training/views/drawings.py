"""Drawings, letters, digits: moved, turned, stretched and slanted, never mirrored (`training/augmentation`)."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import torch
from torch import Tensor

from headstart.training.augmentation import Augmentation


@dataclass(frozen=True, kw_only=True)
class Drawings:
    """(height, width, channels) uint8 → the same shape and type.

    movement  how far; its `background` is a grey level 0..1 here, None repeats the edge
    """

    movement: Augmentation = field(default_factory=lambda: Augmentation(turn=15.0, stretch=0.15, slant=0.2))

    def __call__(self, sample: Tensor, generator: torch.Generator) -> Tensor:
        picture = sample.permute(2, 0, 1)[None].float() / 255
        moved = self.movement(picture, generator)[0].permute(1, 2, 0)
        return (moved * 255).round().clamp(0, 255).to(torch.uint8).contiguous()

    def describe(self) -> dict[str, Any]:
        return {"drawings": asdict(self.movement)}
