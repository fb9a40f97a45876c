"""Batch spectral shrinkage: directions that a batch hardly uses do not transfer (Chen et al., NeurIPS 2019)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from headstart.errors import DataError
from headstart.training.batches import Batch
from headstart.training.terms.term import Term


class SpectralShrinkage(Term):
    """Σ of the squares of the `smallest` least singular values of a batch's feature matrix.

    The paper weighs it with 0.001; the matrix is (rows of the batch, d), so it needs batches, not single rows.

    layer     path of the layer whose output are the features; maps and tokens are averaged over their places
    smallest  how many; 1 in the paper
    """

    def __init__(self, layer: str, *, smallest: int = 1) -> None:
        if smallest < 1:
            raise ValueError(f"smallest must be at least 1, got {smallest}")
        self.layers, self.smallest = (layer,), smallest

    def __call__(self, batch: Batch, model: nn.Module) -> Tensor:
        features = batch.at(model, self.layers[0])
        if features.ndim > 2:
            features = features.mean(dim=1) if features.ndim == 3 else features.flatten(2).mean(dim=2)
        if min(features.shape) <= self.smallest:
            raise DataError(
                f"a batch of {len(features)} rows of {features.shape[1]} features has {min(features.shape)} singular "
                f"values; to shrink {self.smallest} of them it must have more: take larger batches"
            )
        with torch.autocast(features.device.type, enabled=False):  # no decomposition in 16 bits
            values = torch.linalg.svdvals(features.float())
        return values[-self.smallest :].square().sum()
