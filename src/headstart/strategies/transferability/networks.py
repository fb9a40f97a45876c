"""One network of a study: some layers copied, the rest random, the copied ones frozen or moving along.

With base networks for A and B, and a cut after layer n (Yosinski et al., NeurIPS 2014, section 2): BnB copies the first
n layers of B's own base and freezes them ("selffer"), AnB those of A's ("transfer"); with + the copied layers learn
too. Where nothing is copied the network is a base.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from torch import Tensor, nn

from headstart.arrays import Vector
from headstart.backbones.mlp import Standardise
from headstart.backbones.speed import torch_threads
from headstart.strategies.network_learner import SMALL
from headstart.strategies.recipes import Recipe
from headstart.strategies.transferability.blueprint import Blueprint
from headstart.strategies.transferability.lessons import Lessons, in_chunks
from headstart.training.batches import Batches
from headstart.training.freezing import Frozen
from headstart.training.loop import train
from headstart.training.terms.cross_entropy import CrossEntropy

Source: TypeAlias = Literal["", "A", "B"]


@dataclass(frozen=True)
class Treatment:
    """What is copied from which base, up to which layer, and whether it is frozen; with no source, a base network.

    >>> print(Treatment("A", "stage2", frozen=False))
    A stage2 B+
    """

    source: Source = ""
    cut: str = ""
    frozen: bool = True

    def __str__(self) -> str:
        return f"{self.source} {self.cut} B{'' if self.frozen else '+'}" if self.source else "base"


BASE = Treatment()


def learned(
    blueprint: Blueprint, lesson: Lessons, n_classes: int, *, recipe: Recipe, seed: int,
    treatment: Treatment = BASE, bottom: nn.Sequential | None = None,
) -> nn.Sequential:  # fmt: skip
    """Train one network: random from `seed`, its first layers taken from `bottom` where the treatment says so.

    Frozen layers run once over all lessons; what trains above them reads their activations. They are held by `Frozen`,
    which fails if a bit of them changes.
    """
    network = blueprint.fresh(n_classes, seed=seed)
    collate = blueprint.backbone.collate
    with torch_threads(1 if lesson.inputs[0].numel() <= SMALL else None):
        if bottom is None or not treatment.cut:
            standardise(network, lesson.inputs, blueprint)
            fit(network, lesson.inputs, lesson.labels, recipe, seed=seed, collate=collate)
            return network.eval()
        below, _ = blueprint.halves(bottom, treatment.cut)
        _, above = blueprint.halves(network, treatment.cut)
        whole = nn.Sequential(below, above)
        if treatment.frozen:
            with Frozen(below):
                activations = in_chunks(lesson.inputs, lambda chunk: below(collate(chunk)))  # type: ignore[arg-type]
                fit(above, activations, lesson.labels, recipe, seed=seed)
        else:
            fit(whole, lesson.inputs, lesson.labels, recipe, seed=seed, collate=collate)
    return whole.eval()


def fit(network: nn.Module, inputs: Tensor, labels: Tensor, recipe: Recipe, *, seed: int, collate: Any = None) -> None:
    """The one loop with the recipe's schedule; `collate` turns prepared inputs into batches."""
    schedule = recipe.schedule
    into = None if collate is None else lambda rows, _generator: collate(rows)
    batches = Batches(inputs, {"labels": labels}, size=schedule.batch_size, seed=seed, augment=into)
    for _step in train(
        network, batches, objective=CrossEntropy(smoothing=recipe.smoothing), schedule=schedule, seed=seed
    ):
        pass


def standardise(network: nn.Module, inputs: Tensor, blueprint: Blueprint) -> None:
    """Give columns their scale from the rows that are learned from, where the architecture has such a layer."""
    for part in network.modules():
        if isinstance(part, Standardise):
            part.learn(blueprint.backbone.collate(inputs))  # type: ignore[arg-type]


def correct(network: nn.Module, lesson: Lessons, blueprint: Blueprint) -> Vector:
    """1.0 where the network is right, else 0.0; (n,)."""
    network.eval()
    logits = in_chunks(lesson.inputs, lambda chunk: network(blueprint.backbone.collate(chunk)))  # type: ignore[arg-type]
    right: Vector = (logits.argmax(dim=1) == lesson.labels).double().numpy()
    return right
