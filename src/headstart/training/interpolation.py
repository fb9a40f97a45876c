"""WiSE-FT: weights between the start and the fine-tuned end, for data that will shift (Wortsman et al., CVPR 2022)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from headstart.errors import TrainingError
from headstart.training.averaging import copied
from headstart.training.validation import Validation

Weights = Mapping[str, Tensor]  # a module's state_dict


def interpolated(start: Weights, end: Weights, alpha: float) -> dict[str, Tensor]:
    """(1 - α) start + α end, tensor by tensor; integers (counters) are the end's.

    Raises `TrainingError` when the two are not of one network.
    """
    if start.keys() != end.keys() or any(start[name].shape != end[name].shape for name in start):
        raise TrainingError("these weights are of two different networks; both ends need the same layers and classes")
    return {
        name: tensor.clone() if stays(start[name], tensor) else start[name].lerp(tensor, alpha)
        for name, tensor in end.items()
    }


def stays(start: Tensor, end: Tensor) -> bool:
    """Whether there is nothing between them: counters, and what never moved (its bits stay: -0.0, infinities)."""
    return not end.is_floating_point() or torch.equal(start, end)


@dataclass(frozen=True)
class Interpolation:
    """Which α was kept, and the validation loss of each that was tried."""

    alpha: float
    losses: tuple[tuple[float, float], ...]

    def __str__(self) -> str:
        return f"α = {self.alpha:g} of {', '.join(f'{alpha:g}: {loss:.4g}' for alpha, loss in self.losses)}"


def interpolate(
    model: nn.Module,
    start: Weights,
    validation: Validation,
    *,
    alphas: Sequence[float] = (0.0, 0.25, 0.5, 0.75, 1.0),
) -> Interpolation:
    """Move `model` (trained from `start`) to the point of the line between both that loses least on validation rows.

    Equal losses go to the larger α. With a new head, take for `start` the old body with the new head on it (as the
    head-first step leaves it): the ends must both know the classes. BatchNorm statistics are interpolated as well,
    which is an approximation: where they move much, collect them again.
    """
    if not alphas:
        raise ValueError("give at least one alpha")
    first, last = copied(start), copied(model.state_dict())
    losses = []
    for alpha in alphas:
        model.load_state_dict(interpolated(first, last, alpha))
        losses.append((float(alpha), validation.loss(model)))
    best = min(losses, key=lambda tried: (tried[1], -tried[0]))
    model.load_state_dict(interpolated(first, last, best[0]))
    return Interpolation(best[0], tuple(losses))
