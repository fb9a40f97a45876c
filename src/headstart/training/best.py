"""The best weights seen so far, kept aside so that a run that goes wrong does not take them with it."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from headstart.training.sharding import dealt_like


class Best:
    """A copy of the weights at the lowest value offered; `restore` puts them back. Kept on the CPU."""

    def __init__(self, model: nn.Module) -> None:
        self.value = math.inf
        self.step = 0
        self._weights = _copy(model)

    def offer(self, model: nn.Module, *, value: float, step: int) -> bool:
        """Keep a copy if `value` is lower than every one before (NaN never is); says whether it was."""
        if not value < self.value:
            return False
        self.value, self.step, self._weights = value, step, _copy(model)
        return True

    def restore(self, model: nn.Module) -> None:
        """Put the kept weights (the initial ones if nothing was ever offered) into the model."""
        model.load_state_dict(self._weights)

    def state(self) -> dict[str, Tensor]:
        """What a checkpoint keeps."""
        weights = {f"weights/{name}": tensor for name, tensor in self._weights.items()}
        return {**weights, "value": torch.tensor(self.value, dtype=torch.float64), "step": torch.tensor(self.step)}

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Go on from what a checkpoint kept."""
        self.value, self.step = float(state["value"]), int(state["step"])
        self._weights = {
            name: dealt_like(state[f"weights/{name}"].clone(), kept) for name, kept in self._weights.items()
        }


def _copy(model: nn.Module) -> dict[str, Tensor]:
    return {name: tensor.detach().to("cpu", copy=True) for name, tensor in model.state_dict().items()}
