"""The training loss, smoothed, and whether it runs away."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Self

import torch
from torch import Tensor

RUNAWAY = 10.0


class Trend:
    """Smoothed loss s_t = 0.9 s_(t-1) + 0.1 loss_t, beginning with the first loss."""

    def __init__(self) -> None:
        self.first = self.value = math.nan

    def add(self, loss: float) -> Self:
        """Take in one more step's loss."""
        if math.isnan(self.first):
            self.first = self.value = loss
        self.value = 0.9 * self.value + 0.1 * loss
        return self

    @property
    def runs_away(self) -> bool:
        """Smoothed, it stands more than ten times as high as the run began (ten above it where it began below 1)."""
        return self.value > self.first + RUNAWAY * max(1.0, abs(self.first))

    def state(self) -> dict[str, Tensor]:
        """What a checkpoint keeps."""
        return {
            "first": torch.tensor(self.first, dtype=torch.float64),
            "value": torch.tensor(self.value, dtype=torch.float64),
        }

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Go on from what a checkpoint kept."""
        self.first, self.value = float(state["first"]), float(state["value"])
