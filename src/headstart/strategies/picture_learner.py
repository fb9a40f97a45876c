"""From scratch on pictures: a small convolutional network, its input decided by what the pictures look like."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from headstart.backbones.conv import SMALLEST, open_conv
from headstart.backbones.network import NetworkBackbone
from headstart.data.dataset import Dataset
from headstart.data.pictures import open_picture
from headstart.strategies.network_learner import NetworkLearner
from headstart.strategies.recipes import Recipe, picture_recipe
from headstart.training.augmentation import Augmentation
from headstart.training.batches import Augment

PHOTO_SIDE = 64
LOOKED_AT = 64


class PictureLearner(NetworkLearner):
    """`conv` on pictures: small ones keep their size, others become 64 x 64; grey ones have one channel."""

    @cached_property
    def look(self) -> Look:
        """What a few pictures look like."""
        return look_at(self.dataset)

    def blank(self) -> NetworkBackbone:
        return open_conv(size=self.look.side, channels=self.look.channels)

    def recipe(self, n: int) -> Recipe:
        return picture_recipe(n, side=self.look.side, grey=self.look.channels == 1)

    def open(self, inputs: Tensor, n_classes: int, *, width: int, seed: int) -> NetworkBackbone:
        mean, std = scale_of(inputs)
        return open_conv(
            size=self.look.side,
            channels=self.look.channels,
            width=width,
            classes=n_classes,
            mean=mean,
            std=std,
            seed=seed,
        )

    def augment(self, network: NetworkBackbone, inputs: Tensor, augmentation: Augmentation | None) -> Augment:
        if augmentation is not None:
            level = background(inputs)
            mean, std = network.architecture[1]["mean"], network.architecture[1]["std"]
            augmentation = replace(augmentation, background=None if level is None else (level / 255 - mean) / std)

        def into_network(pixels: Tensor, generator: torch.Generator) -> Tensor:
            pictures: Tensor = network.collate(pixels)  # type: ignore[arg-type]
            return pictures if augmentation is None else augmentation(pictures, generator)

        return into_network


@dataclass(frozen=True)
class Look:
    """Side in pixels that the network will see, and 1 (grey) or 3 channels."""

    side: int
    channels: int


def look_at(dataset: Dataset) -> Look:
    """Decide side and channels from up to 64 pictures, evenly spread over the dataset."""
    rows = np.unique(np.linspace(0, len(dataset) - 1, LOOKED_AT).round().astype(int))
    pictures = [open_picture(dataset.items[row]) for row in rows]
    side = max(max(picture.size) for picture in pictures)
    grey = all((np.ptp(np.asarray(picture).astype(np.int16), axis=2) <= 2).all() for picture in pictures)
    return Look(side=int(np.clip(side, SMALLEST, PHOTO_SIDE)), channels=1 if grey else 3)


def background(pixels: Tensor) -> float | None:
    """The value (0..255) that at least half of all border pixels share, within 8 levels; None where there is none."""
    border = torch.cat([pixels[:, 0], pixels[:, -1], pixels[:, :, 0], pixels[:, :, -1]]).float()
    level = border.median()
    return float(level) if ((border - level).abs() <= 8).float().mean() >= 0.5 else None


def scale_of(pixels: Tensor) -> tuple[float, float]:
    """Mean and deviation of the values 0..1; the background counts as the mean, so that padding continues it."""
    level = background(pixels)
    values = pixels.float() / 255
    centre = float(values.mean()) if level is None else level / 255
    return round(centre, 4), round(max(float(values.std(correction=0)), 0.01), 4)
