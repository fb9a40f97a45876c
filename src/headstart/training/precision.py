"""In which numbers the forward pass computes: float32, or 16 bits where a probe has shown that the hardware runs it.

Mixed precision keeps the weights in float32 (Micikevicius et al., ICLR 2018). bfloat16 has float32's range; float16 has
not, so its losses are scaled up before the backward pass and gradients down after it, by a factor that finds itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import Literal, TypeAlias

import torch
from torch import Tensor

from headstart.backbones.speed import survives
from headstart.errors import TrainingError

PrecisionName: TypeAlias = Literal["float32", "bf16", "fp16", "auto"]
_TYPES = {"bf16": torch.bfloat16, "fp16": torch.float16}
_TRIAL = """
import torch
from torch import nn
layers = nn.Conv2d(3, 32, 3, padding=1), nn.BatchNorm2d(32), nn.Flatten(), nn.Linear(2048, 64)
network = nn.Sequential(*layers).to("{device}")
attention = nn.MultiheadAttention(64, 4).to("{device}")
with torch.autocast("{device}", torch.{type}):
    x = network(torch.ones(16, 3, 8, 8, device="{device}"))
    loss = attention(x, x, x)[0].float().square().mean()
loss.backward()
assert torch.isfinite(loss).item() and all(torch.isfinite(p.grad).all() for p in network.parameters())
"""


class Precision:
    """Autocast and, for float16, the scale of the loss.

    "auto" is bfloat16 on a GPU that runs it, else float32: on CPUs without matrix units 16 bits are slower.

    Raises `TrainingError` where a trial in a process of its own shows that this hardware does not run it.
    """

    def __init__(self, name: PrecisionName, device: torch.device) -> None:
        if name not in ("float32", "auto", *_TYPES):
            raise ValueError(f"precision must be 'float32', 'bf16', 'fp16' or 'auto', got {name!r}")
        if name == "auto":
            name = "bf16" if device.type == "cuda" and runs(device.type, torch.bfloat16) else "float32"
        self.name, self.device, self.type = name, device, _TYPES.get(name)
        if self.type is not None and not runs(device.type, self.type):
            raise TrainingError(
                f"this {device.type} does not run {name} (a trial network died or gave no numbers, whatever the "
                f"hardware announces); train in 'float32'"
            )
        self._scaler = torch.amp.GradScaler(device.type, enabled=name == "fp16")

    def autocast(self) -> AbstractContextManager[None]:
        """Inside, the forward pass computes in this precision."""
        return nullcontext() if self.type is None else torch.autocast(self.device.type, self.type)

    def backward(self, loss: Tensor) -> None:
        """The backward pass of a (scaled) loss."""
        self._scaler.scale(loss).backward()

    def unscale(self, optimizer: torch.optim.Optimizer) -> None:
        """Gradients as they would be without the scale."""
        self._scaler.unscale_(optimizer)

    def step(self, optimizer: torch.optim.Optimizer) -> None:
        """The optimizer's step; left out where float16 has overflowed, and then the scale is halved."""
        self._scaler.step(optimizer)
        self._scaler.update()

    @property
    def may_overflow(self) -> bool:
        """Whether an infinite gradient may be the scale's fault, so that a smaller one can mend it."""
        return self._scaler.is_enabled() and self._scaler.get_scale() > 1

    def state(self) -> dict[str, Tensor]:
        """What a checkpoint keeps: nothing but for float16."""
        return {name: torch.tensor(value, dtype=torch.float64) for name, value in self._scaler.state_dict().items()}

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Go on from what a checkpoint kept."""
        if self._scaler.is_enabled():
            whole = {"growth_interval", "_growth_tracker"}
            self._scaler.load_state_dict({n: int(v) if n in whole else float(v) for n, v in state.items()})


@cache
def runs(device: str, type: torch.dtype) -> bool:
    """Whether convolution, attention and their gradients survive in this type; tried once, in a process of its own.

    Some CPUs announce bfloat16 units and kill the process that uses them: feature flags cannot be believed.
    """
    return survives(_TRIAL.format(device=device, type=str(type).removeprefix("torch.")))
