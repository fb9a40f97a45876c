"""A running average of the weights over the steps (EMA; Polyak & Juditsky, 1992, with exponential forgetting)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from headstart.training.sharding import dealt_like, own


class Average:
    """θ̄ ← d_t θ̄ + (1 - d_t) θ after each step t = 1, 2, …, with d_t = min(decay, (1 + t) / (10 + t)).

    The slower start (as in TensorFlow's ExponentialMovingAverage) lets the average forget where it began. Running
    statistics are averaged like weights; integers are taken as they are.
    """

    def __init__(self, model: nn.Module, *, decay: float) -> None:
        if not 0 <= decay < 1:
            raise ValueError(f"the decay of the average must lie in [0, 1), got {decay}")
        self.decay, self.steps = decay, 0
        self._weights = copied(model.state_dict())

    def step_done(self, model: nn.Module) -> None:
        """Take the weights after one more step into the average."""
        self.steps += 1
        decay = min(self.decay, (1 + self.steps) / (10 + self.steps))
        for name, weights in model.state_dict().items():
            kept, tensor = own(self._weights[name]), own(weights)
            if torch.equal(kept, tensor):
                continue  # bits that never move stay as they are: -0.0, infinities
            if kept.is_floating_point():
                kept.lerp_(tensor.detach(), 1 - decay)
            else:
                kept.copy_(tensor)

    def write(self, model: nn.Module) -> None:
        """Put the averaged weights into the model (before any step: the first ones)."""
        model.load_state_dict(self._weights)

    @contextmanager
    def inside(self, model: nn.Module) -> Iterator[None]:
        """The model holds the averaged weights; after, its own again."""
        before = copied(model.state_dict())
        self.write(model)
        try:
            yield
        finally:
            model.load_state_dict(before)

    def state(self) -> dict[str, Tensor]:
        """What a checkpoint keeps."""
        return {
            **{f"weights/{name}": tensor for name, tensor in self._weights.items()},
            "steps": torch.tensor(self.steps),
        }

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Go on from what a checkpoint kept."""
        self.steps = int(state["steps"])
        for name, tensor in self._weights.items():
            tensor.copy_(dealt_like(state[f"weights/{name}"], tensor))


def copied(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A copy that shares no memory, where the weights are."""
    return {name: tensor.detach().clone() for name, tensor in weights.items()}
