"""How long and how fast to train: linear warm-up, then a cosine down to nothing (Loshchilov & Hutter, ICLR 2017)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import nn

from headstart.errors import TrainingError
from headstart.training.rates import check_rates, scale_of


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """Steps, rates and what keeps them in check.

    steps         updates in all
    batch_size    rows per update
    lr            the highest learning rate, reached after `warmup` (a fraction of the steps)
    weight_decay  decoupled (AdamW, Loshchilov & Hutter, ICLR 2019); spares biases and normalisation
    clip          longest gradient allowed, None for any

    >>> schedule = Schedule(steps=100, lr=0.01, warmup=0.1)
    >>> round(schedule.rate(0), 4), schedule.rate(9), round(schedule.rate(99), 6)
    (0.001, 0.01, 3e-06)
    """

    steps: int = 600
    batch_size: int = 32
    lr: float = 2e-3
    warmup: float = 0.1
    weight_decay: float = 0.05
    clip: float | None = 1.0
    optimizer: Literal["adamw", "sgd"] = "adamw"

    def __post_init__(self) -> None:
        if self.steps < 1 or self.batch_size < 1:
            raise ValueError(f"steps ({self.steps}) and batch_size ({self.batch_size}) must be at least 1")
        if not (math.isfinite(self.lr) and self.lr > 0):
            raise ValueError(f"lr must be a positive number, got {self.lr}")
        if not 0 <= self.warmup <= 1:
            raise ValueError(f"warmup is a fraction of the steps, between 0 and 1; got {self.warmup}")
        if self.weight_decay < 0 or (self.clip is not None and self.clip <= 0):
            raise ValueError(f"weight_decay ({self.weight_decay}) must be >= 0 and clip ({self.clip}) > 0 or None")
        if self.optimizer not in ("adamw", "sgd"):
            raise ValueError(f"optimizer must be 'adamw' or 'sgd', got {self.optimizer!r}")

    def rate(self, step: int) -> float:
        """The learning rate of step `step` (from 0): up in a line, down in half a cosine."""
        rising = round(self.warmup * self.steps)
        if step < rising:
            return self.lr * (step + 1) / rising
        return self.lr * 0.5 * (1 + math.cos(math.pi * (step + 1 - rising) / max(1, self.steps + 1 - rising)))

    def make_optimizer(self, model: nn.Module, rates: Mapping[str, float] | None = None) -> torch.optim.Optimizer:
        """An optimizer over what may move, each parameter at the common rate times its scale in `rates` (by prefix).

        Raises `TrainingError` when nothing may move, `UnknownName` for a prefix of no parameter.
        """
        check_rates(model, rates or {})
        groups = list(self._groups(model, rates or {}))
        if not groups:
            raise TrainingError("the model has no parameter that may move; unfreeze a layer, or use it as it is")
        if self.optimizer == "sgd":
            return torch.optim.SGD(groups, lr=self.lr, momentum=0.9, nesterov=True)
        return torch.optim.AdamW(groups, lr=self.lr, fused=True)

    def _groups(self, model: nn.Module, rates: Mapping[str, float]) -> Iterator[dict[str, Any]]:
        # Vectors are biases and normalisation: pulling those to nothing only shrinks the function's range.
        moving = [(name, parameter) for name, parameter in model.named_parameters() if parameter.requires_grad]
        groups: dict[tuple[bool, float], list[nn.Parameter]] = {}
        for matrices in (True, False):
            for name, parameter in moving:
                if (parameter.ndim > 1) is matrices:
                    groups.setdefault((matrices, scale_of(name, rates)), []).append(parameter)
        for (matrices, scale), parameters in groups.items():
            yield {"params": parameters, "weight_decay": self.weight_decay if matrices else 0.0, "scale": scale}

    def set_rate(self, optimizer: torch.optim.Optimizer, step: int) -> float:
        """Give every group its learning rate for this step (times the group's `scale`); returns the common one."""
        rate = self.rate(step)
        for group in optimizer.param_groups:
            group["lr"] = rate * group["scale"]
        return rate
