"""What a strategy would cost: a few samples are timed, the rest is arithmetic."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from headstart.backbones.backbone import Backbone
from headstart.backbones.network import NetworkBackbone
from headstart.data.dataset import Dataset
from headstart.strategies.feature_extraction import weights_of

TIMED = 4  # samples
BACKWARD = 2.0  # a backward pass computes two products where the forward pass computes one
FLOAT = 4  # bytes
STATES = 4  # per moving weight: itself, its gradient, two moments of the optimizer


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Of one backbone, in seconds per sample and bytes.

    prepare     reading and decoding one sample
    forward     through the whole network, in a batch
    below       layer → through the layers up to it, for those that were asked about
    latency     one sample alone, read and computed
    parameters  weights
    activations bytes that one sample's outputs of all modules take: what a backward pass keeps
    """

    prepare: float
    forward: float
    below: dict[str, float]
    latency: float
    parameters: int
    activations: int

    def extraction(self, n: int) -> float:
        """Seconds for the features of n samples."""
        return n * (self.prepare + self.forward)

    def training(self, n: int, *, updates: int, batch: int, fits: int, boundary: str | None = None) -> float:
        """Seconds for `fits` runs of so many updates above a boundary, below which every sample passes once."""
        once = 0.0 if boundary is None else self.below.get(boundary, 0.0)
        each = (1 + BACKWARD) * max(self.forward - once, 0.0)
        return n * (self.prepare + once) + fits * updates * batch * each

    def memory(self, *, batch: int, moving: float = 0.0) -> int:
        """Bytes at the peak: weights, those that move four times over, and the activations of a batch."""
        kept = self.activations * batch * max(moving, 0.2)  # where nothing moves, a layer's input is let go
        return int(FLOAT * self.parameters * (1 + (STATES - 1) * moving) + kept)


NOTHING = Cost(prepare=0.0, forward=0.0, below={}, latency=0.0, parameters=0, activations=0)


def measure(backbone: Backbone, dataset: Dataset, *, below: Sequence[str] = ()) -> Cost:
    """Time up to four samples of a dataset through a backbone, after one pass that warms it. One that must learn first
    (a vocabulary) counts as costing nothing."""
    if backbone.learned_from is not None:
        return NOTHING
    items = [dataset.items[row] for row in range(min(TIMED, len(dataset)))]
    started = time.perf_counter()
    prepared = [backbone.prepare(item) for item in items]
    prepare = (time.perf_counter() - started) / len(items)
    last = backbone.layers[-1]
    alone, batch = backbone.collate(prepared[:1]), backbone.collate(prepared)
    _timed(backbone, alone, last)
    latency = prepare + _timed(backbone, alone, last)
    forward = _timed(backbone, batch, last) / len(items)
    parts = {layer: _timed(backbone, batch, layer) / len(items) for layer in below}
    return Cost(
        prepare=prepare, forward=forward, below=parts, latency=latency, parameters=weights_of(backbone) // FLOAT,
        activations=activations_of(backbone, prepared[:1]),
    )  # fmt: skip


def activations_of(backbone: Backbone, prepared: Sequence[Any]) -> int:
    """Bytes of all module outputs in one pass of one sample; 0 for what is no network."""
    if not isinstance(backbone, NetworkBackbone):
        return 0
    total = 0

    def count(_module: nn.Module, _inputs: Any, output: Any) -> None:
        nonlocal total
        if isinstance(output, torch.Tensor):
            total += output.numel() * output.element_size()

    leaves = [module for module in backbone.module.modules() if not any(True for _ in module.children())]
    handles = [leaf.register_forward_hook(count) for leaf in leaves]
    try:
        with torch.inference_mode():
            backbone.module(backbone.collate(prepared))
    finally:
        for handle in handles:
            handle.remove()
    return total


def _timed(backbone: Backbone, batch: Any, layer: str) -> float:
    started = time.perf_counter()
    backbone.embed(batch, [layer])
    return time.perf_counter() - started
