"""Rows of a data set as labelled features at every layer of a backbone, and of all together: one forward pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from headstart.arrays import Rows
from headstart.backbones.backbone import Backbone, Pooling
from headstart.backbones.network import NetworkBackbone
from headstart.data.dataset import Dataset
from headstart.features.extraction import Features, extract
from headstart.features.store import Store
from headstart.jobs.opened import fitted_on
from headstart.models.feature_map import FeatureMap
from headstart.models.folder import load
from headstart.selection import METRICS
from headstart.selection.labelled import LabelledFeatures
from headstart.selection.tap import Tap
from headstart.strategies.feature_extraction import narrow_enough


@dataclass(frozen=True, eq=False)
class Tapping:
    """What a cascade asks for features.

    opened    backbones by name; by  the deciding metric: some ask what the source's own head says
    poolings  over a layer's positions, one forward pass each; a map that is no network has none and is asked once
    """

    dataset: Dataset
    opened: Mapping[str, Backbone]
    by: str
    poolings: tuple[Pooling, ...]
    seed: int
    store: Store
    progress: bool

    def features(self, name: str, rows: Rows) -> dict[Tap, LabelledFeatures]:
        """Of one backbone on some rows. The layers together are taken with the first pooling only, and a layer that
        another pooling leaves as it is, is taken once."""
        backbone, sample = fitted_on(self.opened[name], self.dataset), self.dataset.take(rows)
        poolings = self.poolings if isinstance(backbone, NetworkBackbone) else self.poolings[:1]
        proba, found = self._answers(name, backbone, sample), dict[Tap, LabelledFeatures]()
        first: dict[str, Features] = {}
        for pooling in poolings:
            blocks = extract(
                sample, backbone, layers=backbone.layers, pooling=pooling, store=self.store, progress=self.progress
            )
            for layers in _sets(backbone, blocks, first):
                X = FeatureMap(backbone, layers).scaled_on(blocks, slice(None)).joined(blocks)
                features = LabelledFeatures.of(X, sample.labels, source_proba=proba, seed=self.seed)
                found[Tap(layers, pooling)] = features
            first = first or blocks
        return found

    def _answers(self, name: str, backbone: Backbone, sample: Dataset) -> Any:
        """What the head of the source says, of a saved model or a network that kept its own, for metrics that ask."""
        if self.by == "kit" or not METRICS[self.by].needs_source_head:
            return None
        if name.startswith("model/"):
            return load(name.removeprefix("model/")).proba(sample, store=self.store)
        if not isinstance(backbone, NetworkBackbone) or backbone.classifier is None:
            return None
        last = backbone.layers[-1]
        embedded = extract(sample, backbone, layers=[last], store=self.store, progress=self.progress)[last].X
        proba = backbone.source_proba(torch.from_numpy(embedded))
        return None if proba is None else proba.numpy()


def _sets(backbone: Backbone, blocks: dict[str, Features], first: dict[str, Features]) -> list[tuple[str, ...]]:
    """Which layers are taken together; `first` are the blocks of an earlier pooling."""
    single: list[tuple[str, ...]] = [(layer,) for layer in backbone.layers]
    if first:
        return [layers for layers in single if not np.array_equal(blocks[layers[0]].X, first[layers[0]].X)]
    return single if len(single) == 1 or backbone.sparse else narrow_enough([*single, backbone.layers], blocks)
