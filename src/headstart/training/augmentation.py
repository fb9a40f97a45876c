"""Small random shifts, turns and stretches of pictures, as one affine map per picture over the whole batch."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True, kw_only=True)
class Augmentation:
    """How far pictures may be moved; the same generator gives the same pictures.

    shift       largest move, as a share of the side
    turn        largest rotation, in degrees
    stretch     largest change of scale, per axis: sizes lie in [1 - stretch, 1 + stretch]
    slant       largest shear
    flip        mirror left to right every other time: right for photos, wrong for letters and digits, so off
    background  the value that moves in from outside (after preparation); None repeats the edge
    """

    shift: float = 0.1
    turn: float = 10.0
    stretch: float = 0.1
    slant: float = 0.0
    flip: bool = False
    background: float | None = None

    def __call__(self, pictures: Tensor, generator: torch.Generator) -> Tensor:
        """(n, channels, height, width) float → the same shape, moved; bilinear."""
        maps = self.maps(len(pictures), generator).to(pictures)
        grid = functional.affine_grid(maps, list(pictures.shape), align_corners=False)
        if self.background is None:
            return functional.grid_sample(pictures, grid, padding_mode="border", align_corners=False)
        moved = functional.grid_sample(pictures - self.background, grid, padding_mode="zeros", align_corners=False)
        return moved + self.background

    def maps(self, n: int, generator: torch.Generator) -> Tensor:
        """One 2x3 map per picture, from where a pixel goes to where it comes from; the picture spans [-1, 1]²."""
        uniform = torch.rand(n, 6, generator=generator) * 2 - 1
        angle = uniform[:, 0] * math.radians(self.turn)
        sizes = 1 + uniform[:, 1:3] * self.stretch
        slant, shifts = uniform[:, 3] * self.slant, uniform[:, 4:6] * 2 * self.shift
        cosine, sine = angle.cos(), angle.sin()
        turned = torch.stack([cosine, -sine, sine, cosine], dim=1).reshape(n, 2, 2)
        slanted = torch.eye(2).repeat(n, 1, 1)
        slanted[:, 0, 1] = slant
        linear = turned @ slanted @ torch.diag_embed(1 / sizes)
        if self.flip:
            mirror = torch.ones(n)
            mirror[torch.rand(n, generator=generator) < 0.5] = -1
            linear[:, :, 0] *= mirror[:, None]
        return torch.cat([linear, shifts[:, :, None]], dim=2)
