"""What a study trains where no pretrained network is given: a small network that fits both tasks' samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch

from headstart.backbones.conv import open_conv
from headstart.backbones.mlp import open_mlp
from headstart.backbones.network import NetworkBackbone
from headstart.data.dataset import Dataset
from headstart.errors import DataError
from headstart.strategies.learner import Prepared, columns_of
from headstart.strategies.picture_learner import background, look_at, scale_of
from headstart.strategies.recipes import Recipe, picture_recipe, vector_recipe
from headstart.strategies.transferability.tasks import StudyTask
from headstart.training.views.drawings import Drawings
from headstart.training.views.view import Augmenter

DEPTH = 4  # hidden layers of the network for vectors: two, as from scratch, would leave next to nothing to cut
LOOKED_AT = 256


def own_network(tasks: Sequence[StudyTask], *, width: int) -> tuple[NetworkBackbone, Augmenter | None]:
    """An untrained network for the tasks' samples, and the augmentation that suits them.

    Raises `DataError` for texts and recordings, which no network of this library learns to read from nothing.
    """
    modality = tasks[0].dataset.modality
    if modality == "vector":
        return _for_vectors([task.dataset for task in tasks], width), None
    if modality == "image":
        return _for_pictures(tasks, width)
    raise DataError(
        f"the four networks are trained from nothing, which teaches too little about {modality} samples; "
        "give a pretrained backbone (--backbone) and take the probes alone (--probes)"
    )


def own_recipe(dataset: Dataset, n: int) -> Recipe:
    """How to train it on `n` rows."""
    if dataset.modality == "vector":
        return vector_recipe(n)
    look = look_at(dataset)
    return picture_recipe(n, side=look.side, grey=look.channels == 1)


def _for_vectors(datasets: Sequence[Dataset], width: int) -> NetworkBackbone:
    columns = [columns_of(dataset) for dataset in datasets]
    if len(set(columns)) > 1:
        raise DataError(
            f"A has rows of {columns[0]} numbers and B of {columns[-1]}; one network must read both: give equal columns"
        )
    return open_mlp(inputs=columns[0], width=width, depth=DEPTH)


def _for_pictures(tasks: Sequence[StudyTask], width: int) -> tuple[NetworkBackbone, Augmenter]:
    """Side, channels and scale from the rows that are learned from, of both tasks."""
    looks = [look_at(task.dataset) for task in tasks]
    side, channels = max(look.side for look in looks), max(look.channels for look in looks)
    blank = open_conv(size=side, channels=channels)
    seen = [Prepared(task.dataset, blank)(_some(task)) for task in tasks]
    pixels = torch.stack([sample for samples in seen for sample in samples])
    mean, std = scale_of(pixels)
    level = background(pixels)
    movement = own_recipe(tasks[-1].dataset, len(tasks[-1].train)).augmentation
    assert movement is not None, "pictures are always augmented"
    movement = replace(movement, background=None if level is None else level / 255)
    return open_conv(size=side, channels=channels, width=width, mean=mean, std=std), Drawings(movement=movement)


def _some(task: StudyTask) -> np.ndarray:
    return task.train[np.unique(np.linspace(0, len(task.train) - 1, LOOKED_AT).round().astype(int))]
