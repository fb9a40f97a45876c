"""Training a small network from random weights: what pictures and vectors share."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn
from tqdm import tqdm

from headstart.arrays import Rows
from headstart.backbones.network import NetworkBackbone
from headstart.backbones.speed import torch_threads
from headstart.data.dataset import Dataset
from headstart.heads.logistic import Logistic
from headstart.strategies.learner import Learned, Prepared, linear_head
from headstart.strategies.recipes import Recipe
from headstart.training.augmentation import Augmentation
from headstart.training.batches import Augment, Batches
from headstart.training.checkpoint import Checkpoint
from headstart.training.loop import train
from headstart.training.terms.cross_entropy import CrossEntropy

SMALL = 1024  # values of one sample up to which a second thread costs more in waiting than it computes


class NetworkLearner(ABC):
    """Each sample is prepared once; each run trains a fresh network, or a copy of `start`, on some of the rows."""

    def __init__(self, dataset: Dataset, *, start: NetworkBackbone | None = None, progress: bool = False) -> None:
        self.dataset, self.start, self.progress = dataset, start, progress

    @abstractmethod
    def recipe(self, n: int) -> Recipe:
        """How to learn from `n` rows."""

    @abstractmethod
    def open(self, inputs: Tensor, n_classes: int, *, width: int, seed: int) -> NetworkBackbone:
        """An untrained network for these inputs."""

    @abstractmethod
    def augment(self, network: NetworkBackbone, inputs: Tensor, augmentation: Augmentation | None) -> Augment | None:
        """What happens to inputs on their way into the network."""

    @abstractmethod
    def blank(self) -> NetworkBackbone:
        """A network that prepares samples as `open`'s will."""

    @cached_property
    def _prepared(self) -> Prepared:
        return Prepared(self.dataset, self.start or self.blank(), progress=self.progress)

    @property
    def architecture(self) -> str:
        return (self.start or self.blank()).fingerprint

    def samples(self, rows: Rows) -> Sequence[Any]:
        return self._prepared(rows)

    def learn(
        self, rows: Rows, n_classes: int, *, recipe: Recipe | None, seed: int, checkpoint: Checkpoint | None
    ) -> Learned:
        recipe = recipe or self.recipe(len(rows))
        inputs = torch.stack(self._prepared(rows))
        opened = self.start or self.open(inputs, n_classes, width=recipe.width, seed=seed)
        module = copy.deepcopy(opened.module)
        module.requires_grad_(True)
        batches = Batches(
            inputs, {"labels": torch.from_numpy(self.dataset.labels[rows])}, size=recipe.schedule.batch_size, seed=seed,
            augment=self.augment(opened, inputs, recipe.augmentation),
        )  # fmt: skip
        objective = CrossEntropy(smoothing=recipe.smoothing)
        steps = train(module, batches, objective=objective, schedule=recipe.schedule, seed=seed, checkpoint=checkpoint)
        total = recipe.schedule.steps
        watched = tqdm(steps, "training", total=total, disable=not self.progress, leave=False)
        with torch_threads(1 if inputs[0].numel() <= SMALL else None):
            history = tuple({"step": step.number, "loss": step.loss} for step in watched)
        return Learned(opened.with_module(module, reopens=False), head_of(module), history)


def head_of(module: nn.Module) -> Logistic:
    """A trained network's last layer as a head on the layer before it."""
    linear = module.get_submodule("classifier")
    assert isinstance(linear, nn.Linear)
    return linear_head(linear.weight.detach().double().numpy().T, linear.bias.detach().double().numpy())
