"""The null baselines that every transfer has to beat."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from scipy import sparse

from headstart.arrays import Matrix, Rows
from headstart.backbones.backbone import Backbone
from headstart.backbones.network import NetworkBackbone
from headstart.backbones.opening import open_backbone
from headstart.backbones.random_weights import UNTRAINED
from headstart.data.dataset import Dataset
from headstart.data.samples import VectorRows
from headstart.features.store import Store
from headstart.models.feature_map import FeatureMap
from headstart.models.model import Model
from headstart.strategies.feature_extraction import evaluate_backbone, head_bytes, weights_of
from headstart.strategies.ground import Evaluated, Ground, correctness
from headstart.strategies.picture_learner import PictureLearner
from headstart.strategies.scratch import Scratch
from headstart.strategies.source_network import SourceNetwork
from headstart.strategies.training_runs import evaluate_training, out_of_fold


def majority(ground: Ground) -> Evaluated:
    """Always the most frequent class of the training rows."""

    def frequencies(fit: Rows, score: Rows) -> Matrix:
        counts = np.bincount(ground.labels[fit], minlength=ground.n_classes)
        return np.tile(counts / counts.sum(), (len(score), 1))

    validation, runs = out_of_fold(ground, frequencies)
    return Evaluated(
        name="majority class",
        kind="majority",
        validation=validation,
        runs=runs,
        test=frequencies(ground.train, ground.test),
        refit=frequencies,
    )


def raw_input(ground: Ground, *, store: Store, progress: bool = False) -> Evaluated:
    """A head on the input itself (pixels, word counts, columns): what no representation at all would give."""
    items = ground.dataset.items
    in_csr = isinstance(items, VectorRows) and sparse.issparse(items.matrix)
    backbone = open_backbone("raw", modality=ground.dataset.modality, **({"sparse": True} if in_csr else {}))
    return evaluate_backbone(ground, backbone, store=store, kind="raw input", layers=None, progress=progress)[0]


def random_weights(ground: Ground, network: Backbone, *, store: Store, progress: bool = False) -> Evaluated:
    """A head on an untrained network: what the architecture alone gives."""
    last = network.layers[-1:]
    entry = evaluate_backbone(ground, network, store=store, kind="random weights", layers=last, progress=progress)[0]
    return replace(entry, name=f"random weights · {entry.name.removeprefix('random/')}")


def untrained_twin(networks: Sequence[Backbone], ground: Ground) -> Backbone | None:
    """The first network's own architecture with random weights; for pictures without any, the small built-in one."""
    for network in networks:
        if isinstance(network, NetworkBackbone) and (twin := random_name(network)):
            name, options = twin
            return open_backbone(name, **{**options, "seed": ground.seed})
    return PictureLearner(ground.dataset).blank() if ground.dataset.modality == "image" else None


def random_name(network: NetworkBackbone) -> tuple[str, dict[str, Any]] | None:
    """What opens the same network with random weights; None for a saved encoder: its tokenizer is part of its state."""
    if network.name.partition("/")[0] in UNTRAINED:
        return f"random/{network.name}", network.options
    return None if network.architecture[0].startswith("sentence") else network.architecture


def from_scratch(ground: Ground, *, progress: bool = False) -> Evaluated:
    """A network (for texts: word statistics and a head) that learns from the target's labels alone."""
    return evaluate_training(ground, Scratch(ground.dataset, seed=ground.seed, progress=progress), kind="from scratch")


def source_only(ground: Ground, network: SourceNetwork) -> Evaluated | None:
    """The source network as it is, where it knows every class of the target; None where it does not."""
    codes = network.task.codes_of(ground.dataset.task)
    if min(codes) < 0:
        return None
    started = time.perf_counter()

    def proba_of(dataset: Dataset) -> Matrix:
        chosen = network.proba(dataset)[:, codes] if len(dataset) else np.zeros((0, len(codes)))
        return np.asarray(chosen / np.maximum(chosen.sum(axis=1, keepdims=True), 1e-12))

    validation = proba_of(ground.dataset.take(ground.train))
    return Evaluated(
        name=f"source only · {network.backbone.name}",
        kind="source only",
        validation=validation,
        runs=correctness(validation, ground.labels[ground.train])[None],
        test=proba_of(ground.dataset.take(ground.test)),
        map=FeatureMap(network.backbone, network.backbone.layers[-1:]),
        head=network.head_for(ground.dataset.task),
        head_name="its own",
        cost=(weights_of(network.backbone), 1, 0),
        seconds=time.perf_counter() - started,
        bytes=weights_of(network.backbone),
        note="uses no label of the target",
    )


def model_as_it_is(ground: Ground, model: Model, *, name: str, store: Store) -> Evaluated | None:
    """A saved model as it is, where it knows the target's classes and columns; None where it does not."""
    dataset = ground.dataset
    if model.task != dataset.task or model.domain.columns != dataset.domain.columns:
        return None
    started = time.perf_counter()
    uncalibrated = replace(model, temperature=1.0)

    def proba_of(rows: Rows) -> Matrix:
        if not len(rows):
            return np.zeros((0, ground.n_classes))
        return uncalibrated.proba(dataset.take(rows), store=store)

    validation = proba_of(ground.train)
    size = sum(weights_of(member.map.backbone) for member in model.members)
    alone = model.members[0] if len(model.members) == 1 else None
    return Evaluated(
        name=f"source only · {name}",
        kind="source only",
        validation=validation,
        runs=correctness(validation, ground.labels[ground.train])[None],
        test=proba_of(ground.test),
        map=alone.map if alone else None,
        head=alone.head if alone else None,
        members=() if alone else model.members,
        head_name="its own",
        cost=(size, 1, 0),
        seconds=time.perf_counter() - started,
        bytes=size + sum(head_bytes(member.head) for member in model.members),
        note="uses no label of the target",
    )
