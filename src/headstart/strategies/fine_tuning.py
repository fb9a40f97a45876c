"""Fine-tuning: training goes on from the source's weights (parameter transfer; Yosinski et al., NeurIPS 2014)."""

from __future__ import annotations

from torch import Tensor

from headstart.backbones.network import NetworkBackbone
from headstart.backbones.opening import open_backbone
from headstart.problem import Task
from headstart.strategies.ground import Evaluated, Ground
from headstart.strategies.scratch import Scratch
from headstart.strategies.source_network import SourceNetwork
from headstart.strategies.training_runs import evaluate_training


def fine_tuned(ground: Ground, network: SourceNetwork, *, progress: bool = False) -> Evaluated | None:
    """The from-scratch run started at the source network's weights: same steps, rates, augmentation and seed.

    Whatever it gains over from scratch, the starting point gained it. None where the source is no network (texts).
    """
    if not isinstance(network.backbone, NetworkBackbone):
        return None
    start = started_for(network.backbone, network.task, ground.dataset.task, seed=ground.seed)
    run = Scratch(ground.dataset, seed=ground.seed, start=start, progress=progress)
    return evaluate_training(ground, run, kind="fine-tuned")


def started_for(source: NetworkBackbone, known: Task, wanted: Task, *, seed: int) -> NetworkBackbone:
    """The source network with a last layer for the wanted classes.

    A class that the source knows by name keeps its weights; the others start at random, as in a fresh network.
    """
    name, options = source.architecture
    fresh = open_backbone(name, **{**options, "classes": wanted.n_classes, "seed": seed})
    assert isinstance(fresh, NetworkBackbone)
    state = {**source.state(), **last_layer(source.state(), fresh.state(), known.codes_of(wanted))}
    started = fresh.with_state(state)
    return started.named(source.name, started.options, reopens=False)


def last_layer(old: dict[str, Tensor], new: dict[str, Tensor], codes: tuple[int, ...]) -> dict[str, Tensor]:
    """Weight and bias of the classifier: for each wanted class its old row, where its old code is not -1."""
    rows = {}
    for part in ("classifier.weight", "classifier.bias"):
        rows[part] = new[part].clone()
        for place, code in enumerate(codes):
            if code >= 0:
                rows[part][place] = old[part][code]
    return rows
