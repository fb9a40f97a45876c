"""From samples to one matrix: a backbone, the layers taken from it, and the weight of each layer's block."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from scipy import sparse

from headstart.backbones.backbone import Backbone, Pooling
from headstart.data.dataset import Dataset
from headstart.features.extraction import Features, extract
from headstart.features.store import Store


@dataclass(frozen=True)
class FeatureMap:
    """`layers` beside each other, each block divided by its typical row length so that none outvotes the rest.

    scales  one factor per layer; (1.0,) for a single layer, which is taken as it is
    """

    backbone: Backbone
    layers: tuple[str, ...]
    scales: tuple[float, ...] = (1.0,)
    pooling: Pooling = "mean"

    def matrix(self, dataset: Dataset, *, store: Store | None = None, progress: bool = False) -> Any:
        """(n, d) float32, or CSR where the backbone is sparse."""
        blocks = extract(
            dataset, self.backbone, layers=self.layers, store=store, pooling=self.pooling, progress=progress
        )
        return self.joined(blocks)

    def joined(self, blocks: dict[str, Features]) -> Any:
        """The layers' blocks side by side, weighted; a single layer unchanged."""
        if len(self.layers) == 1:
            return blocks[self.layers[0]].X
        parts = [blocks[layer].X * np.float32(scale) for layer, scale in zip(self.layers, self.scales, strict=True)]
        return sparse.hstack(parts, format="csr") if self.backbone.sparse else np.hstack(parts)

    def scaled_on(self, blocks: dict[str, Features], rows: Any) -> Self:
        """The same map with block weights learned on `rows`: the inverse root mean squared row length."""
        if len(self.layers) == 1:
            return self
        scales = []
        for layer in self.layers:
            chosen = blocks[layer].X[rows].astype(np.float64)
            scales.append(float(1.0 / max(np.sqrt((chosen**2).sum(axis=1).mean()), 1e-12)))
        return replace(self, scales=tuple(scales))

    @property
    def name(self) -> str:
        layers = self.layers[-1] if len(self.layers) == 1 else f"{self.layers[0]}…{self.layers[-1]}"
        return f"{self.backbone.name} · {layers}" if len(self.backbone.layers) > 1 else self.backbone.name


def backbones_of(maps: Iterable[FeatureMap]) -> tuple[Backbone, ...]:
    """The backbones of maps, each once, in the order in which they first stand."""
    return tuple({each.backbone.fingerprint: each.backbone for each in maps}.values())


def matrices_of(
    maps: Sequence[FeatureMap], dataset: Dataset, *, store: Store | None = None, progress: bool = False
) -> list[Any]:
    """One matrix per map, as `matrix` gives them; maps of one backbone share its forward pass."""
    wanted: dict[tuple[str, Pooling], list[str]] = {}
    for each in maps:
        layers = wanted.setdefault(_pass(each), [])
        layers += [layer for layer in each.layers if layer not in layers]
    blocks: dict[tuple[str, Pooling], dict[str, Features]] = {}
    for each in maps:
        if (key := _pass(each)) not in blocks:
            blocks[key] = extract(
                dataset, each.backbone, layers=wanted[key], store=store, pooling=each.pooling, progress=progress
            )
    return [each.joined(blocks[_pass(each)]) for each in maps]


def _pass(one: FeatureMap) -> tuple[str, Pooling]:
    """What must be equal for two maps to come out of one forward pass."""
    return one.backbone.fingerprint, one.pooling
