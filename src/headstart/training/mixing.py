"""Mixed pictures with mixed labels: mixup (Zhang et al., ICLR 2018) and CutMix (Yun et al., ICCV 2019)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from headstart.errors import DataError
from headstart.problem import UNLABELLED
from headstart.training.batches import Batch


@dataclass(frozen=True, kw_only=True)
class Mixing:
    """A batch whose rows are each mixed with another row of it, in one proportion λ per batch.

    Mixup takes λ x + (1 - λ) x', λ from Beta(mixup, mixup); CutMix puts a rectangle of x' into x, its area 1 - λ, λ
    from Beta(cutmix, cutmix). Labels become λ y + (1 - λ) y', one row of weights over the classes: all zero, so that it
    teaches nothing, where either row is unlabelled. With both, a coin decides per batch; with neither, nothing happens.
    Other columns stay as they are: a teacher must look at the mixed rows itself.

    n_classes  columns of the mixed labels
    mixup      0 for none; 0.2 is usual
    cutmix     0 for none; 1 is usual; pictures (n, channels, height, width) alone
    """

    n_classes: int
    mixup: float = 0.0
    cutmix: float = 0.0

    def __post_init__(self) -> None:
        if self.n_classes < 1 or self.mixup < 0 or self.cutmix < 0:
            raise ValueError(
                f"n_classes ({self.n_classes}) must be at least 1, mixup ({self.mixup}) and cutmix ({self.cutmix}) >= 0"
            )

    def __call__(self, batch: Batch, generator: torch.Generator) -> Batch:
        """The mixed batch. Raises `DataError` for inputs that cannot be mixed."""
        if not (self.mixup or self.cutmix):
            return batch
        if not isinstance(batch.inputs, Tensor) or not batch.inputs.is_floating_point():
            raise DataError("only inputs of real numbers can be mixed; token ids cannot: train without mixup")
        rng = np.random.default_rng(int(torch.randint(2**62, (), generator=generator)))
        other = torch.from_numpy(rng.permutation(len(batch)))
        if self.cutmix and (not self.mixup or rng.random() < 0.5):
            inputs, share = _cut(batch.inputs, other, rng, share=rng.beta(self.cutmix, self.cutmix))
        else:
            share = rng.beta(self.mixup, self.mixup)
            inputs = share * batch.inputs + (1 - share) * batch.inputs[other]
        labels = soft(batch["labels"], self.n_classes)
        mixed = share * labels + (1 - share) * labels[other]
        mixed[(labels.sum(dim=1) == 0) | (labels[other].sum(dim=1) == 0)] = 0
        return replace(batch, inputs=inputs, columns={**batch.columns, "labels": mixed}, _passes={})


def soft(labels: Tensor, n_classes: int) -> Tensor:
    """One row of weights per label, (n, C) float32: 1 for its class, all zero where unlabelled. Rows stay rows."""
    if labels.is_floating_point():
        return labels
    known = labels != UNLABELLED
    return functional.one_hot(labels.clamp(min=0), n_classes).float() * known[:, None]


def _cut(pictures: Tensor, other: Tensor, rng: np.random.Generator, *, share: float) -> tuple[Tensor, float]:
    """Pictures with a rectangle of others, and the share that is left of their own (the border may crop the hole)."""
    if pictures.ndim != 4:
        raise DataError(f"CutMix needs pictures (n, channels, height, width); these inputs are {tuple(pictures.shape)}")
    height, width = pictures.shape[2:]
    hole = np.sqrt(1 - share) * np.array([height, width])
    centre = rng.uniform(0, [height, width])
    top, left = np.clip(np.round(centre - hole / 2), 0, [height, width]).astype(int)
    bottom, right = np.clip(np.round(centre + hole / 2), 0, [height, width]).astype(int)
    mixed = pictures.clone()
    mixed[:, :, top:bottom, left:right] = pictures[other][:, :, top:bottom, left:right]
    return mixed, 1 - (bottom - top) * (right - left) / (height * width)
