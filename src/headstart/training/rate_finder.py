"""Which learning rate: a short run whose rate rises until the loss breaks (the range test; Smith, WACV 2017)."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from torch import nn

from headstart.arrays import Vector
from headstart.errors import TrainingError
from headstart.training.batches import Batch
from headstart.training.loop import train
from headstart.training.schedule import Schedule
from headstart.training.terms.term import Term

BROKEN = 4.0  # times the lowest smoothed loss: nothing can be learned from what comes after


@dataclass(frozen=True, kw_only=True)
class RisingRate(Schedule):
    """From `low` to `lr`, by the same factor at every step."""

    low: float = 1e-6

    def rate(self, step: int) -> float:
        """low · (lr / low)^(step / (steps - 1))."""
        return self.low * (self.lr / self.low) ** (step / max(1, self.steps - 1))


@dataclass(frozen=True, eq=False)
class RateCurve:
    """Rates tried, the smoothed loss at each, and the rate to train with."""

    rates: Vector
    losses: Vector
    suggestion: float

    def __str__(self) -> str:
        return f"learning rate {self.suggestion:.2g} (tried {self.rates[0]:.1g} to {self.rates[-1]:.1g})"


def find_rate(
    model: nn.Module,
    batches: Callable[[int], Batch],
    *,
    objective: Term,
    schedule: Schedule | None = None,
    low: float = 1e-6,
    high: float = 1.0,
    steps: int = 100,
    seed: int = 0,
) -> RateCurve:
    """A tenth of the rate at which the smoothed loss was lowest, from a run on a copy: `model` is not touched.

    The point of steepest fall, which others suggest, is found by noise where batches are small. A network that is
    trained already may fall nowhere: `TrainingError` then, as when the loss is no number from the start.

    schedule  optimizer, clipping and weight decay as the run to come will have them
    """
    if not 0 < low < high:
        raise ValueError(f"low ({low}) must be positive and below high ({high})")
    given = schedule or Schedule()
    rising = RisingRate(
        steps=steps, low=low, lr=high, weight_decay=given.weight_decay, clip=given.clip, optimizer=given.optimizer
    )
    rates, losses = _tried(copy.deepcopy(model), batches, objective, rising, seed)
    lowest = int(losses.argmin()) if len(losses) else 0
    if lowest < 3:
        raise TrainingError(
            f"the loss does not fall at any learning rate from {low:g} to {high:g}; "
            f"look for NaN in the inputs, or try a lower `low`"
        )
    return RateCurve(rates, losses, float(rates[lowest]) / 10)


def _tried(
    model: nn.Module, batches: Callable[[int], Batch], objective: Term, rising: RisingRate, seed: int
) -> tuple[Vector, Vector]:
    """Rates and losses (smoothed, freed from the bias of their beginning) until the loss breaks."""
    rates, losses, smooth = [], [], 0.0
    try:
        for step in train(model, batches, objective=objective, schedule=rising, seed=seed):
            smooth = 0.9 * smooth + 0.1 * step.loss
            rates.append(step.rate)
            losses.append(smooth / (1 - 0.9**step.number))
            if losses[-1] > BROKEN * min(losses) and losses[-1] > math.log(2):
                break
    except TrainingError:
        if not losses:
            raise
    return np.array(rates), np.array(losses)
