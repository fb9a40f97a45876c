"""From scratch on rows of numbers: a small fully connected network, standardised by the rows it learns from."""

from __future__ import annotations

import copy

from torch import Tensor

from headstart.backbones.mlp import Standardise, open_mlp
from headstart.backbones.network import NetworkBackbone
from headstart.strategies.learner import columns_of
from headstart.strategies.network_learner import NetworkLearner
from headstart.strategies.recipes import Recipe, vector_recipe
from headstart.training.augmentation import Augmentation


class VectorLearner(NetworkLearner):
    """`mlp` on rows of numbers, standardised by the rows it learns from."""

    def blank(self) -> NetworkBackbone:
        return open_mlp(inputs=columns_of(self.dataset))

    def recipe(self, n: int) -> Recipe:
        return vector_recipe(n)

    def open(self, inputs: Tensor, n_classes: int, *, width: int, seed: int) -> NetworkBackbone:
        network = open_mlp(inputs=inputs.shape[1], width=width, classes=n_classes, seed=seed)
        module = copy.deepcopy(network.module)
        standardise = module.get_submodule("standardise")
        assert isinstance(standardise, Standardise)
        standardise.learn(inputs)
        return network.with_module(module, reopens=False)

    def augment(self, network: NetworkBackbone, inputs: Tensor, augmentation: Augmentation | None) -> None:
        return None
