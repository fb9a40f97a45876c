"""How to train a network from nothing, decided by what can be known before any label of a test set is seen.

The numbers were tuned on USPS and MNIST (shrunk to 8x8, 1 to 20 labels per class; with and without a source of rendered
digits), flowers and Office-Caltech10 (200 labels).
"""

from __future__ import annotations

from dataclasses import dataclass

from headstart.training.augmentation import Augmentation
from headstart.training.schedule import Schedule

PLENTY = 2_000  # rows from which a wider network and wilder pictures pay

# Writing and drawings: they lean and stretch, but a mirrored one is another one. With plenty of rows, pictures that
# move more cost little accuracy at home and gain some abroad, where a source network's features will be used.
SIGNS = Augmentation(shift=0.1, turn=15.0, stretch=0.15, slant=0.2)
WILD_SIGNS = Augmentation(shift=0.15, turn=25.0, stretch=0.35, slant=0.5)
# Photos: the world may be mirrored left to right.
PHOTOS = Augmentation(shift=0.06, turn=5.0, stretch=0.1, flip=True)


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Everything that decides a training run but the data and the seed.

    width         of the network: channels of the first stage, units of a hidden layer
    smoothing     of the labels
    augmentation  of pictures, None for none; its `background` is learned from the pictures
    """

    schedule: Schedule
    width: int
    smoothing: float = 0.1
    augmentation: Augmentation | None = None


def picture_recipe(n: int, *, side: int, grey: bool) -> Recipe:
    """For `n` labelled pictures of `side` pixels; colour pictures are taken for photos, grey ones for signs."""
    small = side <= 32
    steps = training_steps(n, least=500 if small else 300, epochs=12, batch_size=batch_size(n))
    return Recipe(
        schedule=Schedule(steps=steps, batch_size=batch_size(n), lr=5e-3, weight_decay=0.2),
        width=16 if n < PLENTY else 24,
        augmentation=PHOTOS if not grey else SIGNS if n < PLENTY else WILD_SIGNS,
    )


def vector_recipe(n: int) -> Recipe:
    """For `n` labelled rows of numbers."""
    steps = training_steps(n, least=400, epochs=20, batch_size=batch_size(n))
    return Recipe(schedule=Schedule(steps=steps, batch_size=batch_size(n), lr=2e-3, weight_decay=0.3), width=256)


def batch_size(n: int) -> int:
    return 32 if n < PLENTY else 128


def training_steps(n: int, *, least: int, epochs: int, batch_size: int, most: int = 3_000) -> int:
    """`epochs` rounds through the data, but never fewer than `least` steps (little data) or more than `most`."""
    return min(max(least, epochs * n // batch_size), most)
