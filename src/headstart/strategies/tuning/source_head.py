"""The source task's own head beside the new one, for Co-Tuning (You et al., NeurIPS 2020)."""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn

from headstart.arrays import Labels, Matrix
from headstart.backbones.network import NetworkBackbone
from headstart.backbones.pooling import pool
from headstart.errors import TrainingError
from headstart.training.terms.co_tuning import relationship
from headstart.training.trainable import Trainable

NAME = "source_head"


class SourceHead(nn.Module):
    """The last layer's maps or rows → logits of the source's classes; with `relationship` (C, source classes)."""

    relationship: Tensor

    def __init__(self, linear: nn.Module, relationship: Tensor, *, channel_axis: int) -> None:
        super().__init__()
        self.linear, self.channel_axis = linear, channel_axis
        self.register_buffer("relationship", relationship)

    def forward(self, values: Tensor) -> Tensor:
        logits: Tensor = self.linear(pool(values, "mean", mask=None, channel_axis=self.channel_axis))
        return logits


def add_source_head(model: Trainable, backbone: NetworkBackbone, embedded: Matrix, labels: Labels) -> None:
    """Put a copy of the source's head into `model`; it trains along, and is no part of the network that is delivered.

    embedded  (n, d), the frozen network's last layer on the training rows, whose labels are `labels`

    Raises `TrainingError` where the network kept no head of its source, `DataError` for a class without rows.
    """
    check_source_head(backbone)
    proba = backbone.source_proba(torch.from_numpy(embedded))
    assert proba is not None and backbone.classifier is not None
    known = relationship(proba.numpy(), labels, model.head.out_features)
    linear = copy.deepcopy(backbone.classifier).requires_grad_(True)
    model.add_module(NAME, SourceHead(linear, known, channel_axis=backbone.channel_axis).eval())


def check_source_head(backbone: NetworkBackbone) -> None:
    """Raise `TrainingError` where the network kept no head of its source."""
    if backbone.classifier is None:
        raise TrainingError(
            f"Co-Tuning needs the head of the source task, and '{backbone.name}' has none; take a network with its "
            "classifier (timm/…), or another regulariser"
        )
