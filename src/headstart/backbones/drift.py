"""How far features move when the same network is computed in another precision: the cosine between a sample's rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

import numpy as np
import torch
from torch import Tensor

from headstart.arrays import Matrix
from headstart.backbones.backbone import Backbone

Drift: TypeAlias = dict[str, dict[str, float]]


def drift_between(exact: Backbone, other: Backbone, batches: Iterable[Any]) -> Drift:
    """Layer → {"lowest", "mean"} cosine between the pooled rows that both give for the samples of `batches`."""
    found: dict[str, list[Matrix]] = {layer: [] for layer in exact.layers}
    for batch in batches:
        first, second = exact.embed(batch, exact.layers), other.embed(batch, exact.layers)
        for layer, cosines in found.items():
            cosines.append(row_cosines(first[layer], second[layer]))
    joined = {layer: np.concatenate(cosines) for layer, cosines in found.items()}
    return {
        layer: {"lowest": round(float(cosines.min()), 6), "mean": round(float(cosines.mean()), 6)}
        for layer, cosines in joined.items()
    }


def row_cosines(first: Tensor, second: Tensor) -> Matrix:
    """(n,) cosines between rows; 1 for equal rows of zeros, which have no direction, and 0 where one is not finite."""
    cosine = torch.nn.functional.cosine_similarity(first.double(), second.double(), dim=1)
    same = (first == second).all(dim=1)
    return np.nan_to_num(torch.where(same, torch.ones_like(cosine), cosine).numpy(), nan=0.0)
