"""The best weights seen so far, kept aside so that a run that goes wrong does not take them with it."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from headstart.training.aside import Aside
from headstart.training.sharding import dealt_like, own, share_like


class Best:
    """A copy of the weights at the lowest value offered; `restore` puts them back. Kept in a temporary file."""

    def __init__(self, model: nn.Module) -> None:
        self.value = math.inf
        self.step = 0
        self._pattern = model.state_dict()  # how each is dealt out; it shares the model's memory
        self._weights = Aside(_own(self._pattern))

    def offer(self, model: nn.Module, *, value: float, step: int) -> bool:
        """Keep a copy if `value` is lower than every one before (NaN never is); says whether it was."""
        if not value < self.value:
            return False
        self._weights.keep(_own(model.state_dict()))
        self.value, self.step = value, step
        return True

    def restore(self, model: nn.Module) -> None:
        """Put the kept weights (the initial ones if nothing was ever offered) into the model."""
        weights = _own(model.state_dict())
        for name, kept in self._weights.tensors():
            weights[name].copy_(kept)

    def state(self) -> dict[str, Tensor]:
        """What a checkpoint keeps."""
        weights = {f"weights/{name}": share_like(kept, self._pattern[name]) for name, kept in self._weights.tensors()}
        return {**weights, "value": torch.tensor(self.value, dtype=torch.float64), "step": torch.tensor(self.step)}

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Go on from what a checkpoint kept."""
        self._weights.keep(_own({name: dealt_like(state[f"weights/{name}"], t) for name, t in self._pattern.items()}))
        self.value, self.step = float(state["value"]), int(state["step"])


def _own(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: own(tensor).detach() for name, tensor in weights.items()}
