"""The cheap reading of the same question: what a linear probe gets out of every layer (Alain & Bengio, 2016).

Each layer is judged by the exact leave-one-out accuracy of a ridge regression, so that no row is lost to testing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import nn

from headstart.arrays import Labels, Matrix, Vector
from headstart.backbones.backbone import Backbone
from headstart.backbones.network import NetworkBackbone
from headstart.heads.ridge_path import STEPS, RidgeProblem, best_step, loo_path, ridges_for
from headstart.results import Interval
from headstart.stats.intervals import accuracy_score_interval
from headstart.stats.spectrum import Spectrum

CHUNK = 128


@dataclass(frozen=True)
class Probe:
    """Leave-one-out accuracy of a ridge on one layer's `width` columns; `untrained`: the same layer, random weights."""

    layer: str
    width: int
    accuracy: Interval
    untrained: Interval | None = None


def probes(
    trained: Mapping[str, Matrix], untrained: Mapping[str, Matrix] | None, labels: Labels, *, groups: Any = None
) -> tuple[Probe, ...]:
    """One probe per layer, in the order given. Rows match `labels`; `groups` as for intervals."""
    return tuple(
        Probe(
            layer,
            X.shape[1],
            probe_accuracy(X, labels, groups=groups),
            probe_accuracy(untrained[layer], labels, groups=groups) if untrained else None,
        )
        for layer, X in trained.items()
    )


def probe_accuracy(X: Matrix, labels: Labels, *, groups: Sequence[Any] | None = None) -> Interval:
    """Accuracy of predicting each row by the ridge fitted without it, at the penalty of highest such accuracy."""
    return accuracy_score_interval(left_out_correct(X, labels), groups=groups).interval


def left_out_correct(X: Matrix, labels: Labels) -> Vector:
    """1.0 where the ridge fitted without the row names its class, else 0.0; (n,). Columns are standardised first."""
    codes = np.unique(labels, return_inverse=True)[1]
    deviation = X.std(axis=0)
    scaled = (X - X.mean(axis=0)) / np.where(deviation > 0, deviation, 1)
    problem = RidgeProblem.of(Spectrum.of(scaled), np.eye(codes.max() + 1)[codes])
    ridges = ridges_for(problem.spectrum, None, STEPS)
    ridge = ridges[best_step(*loo_path(problem, ridges, codes))]
    right: Vector = (problem.loo(float(ridge)).argmax(axis=1) == codes).astype(np.float64)
    return right


def layer_rows(backbone: Backbone, samples: Sequence[Any]) -> dict[str, Matrix]:
    """Every layer's pooled rows for prepared samples, computed here and now; (n, d) each."""
    parts = [
        backbone.embed(backbone.collate(samples[start : start + CHUNK]), backbone.layers)
        for start in range(0, len(samples), CHUNK)
    ]
    return {layer: np.concatenate([part[layer].numpy() for part in parts]) for layer in backbone.layers}


def as_backbone(blueprint: NetworkBackbone, network: nn.Sequential) -> NetworkBackbone:
    """A trained network of a study (body + classifier) as the backbone it was made after."""
    body = network.get_submodule("body")
    return blueprint.with_module(body, reopens=False)
