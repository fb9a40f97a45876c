"""Anchors: weights are pulled to where they started, L2-SP (Li, Grandvalet & Davoine, ICML 2018), or to nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

import torch
from torch import Tensor, nn

from headstart.errors import TrainingError
from headstart.training.batches import Batch
from headstart.training.sharding import is_dealt
from headstart.training.terms.term import Term


class Anchor(Term):
    """½ Σ_k w_k (θ_k - θ⁰_k)² over the parameters named in `start`, plus ½ new Σ_j θ_j² over the others that may move.

    start    parameter name → θ⁰, its value at the anchor
    weights  parameter name → w, of the parameter's shape or a single number (1 where not named): how much each entry
             matters, e.g. the Fisher information of elastic weight consolidation (Kirkpatrick et al., 2017, eq. 3)
    new      pull to nothing of parameters that `start` does not hold (a new head)

    Parameters that may not move, or whose shape is another than at the start, are no part of the first sum.
    The gradient is w (θ - θ⁰), so the term's weight compares with a weight decay that is part of the gradient.
    """

    def __init__(
        self, start: Mapping[str, Tensor], *, weights: Mapping[str, Tensor] | None = None, new: float = 0.0
    ) -> None:
        if new < 0:
            raise ValueError(f"new must not be negative, got {new}")
        self.start = {name: tensor.detach().clone() for name, tensor in start.items()}
        self.weights = {name: tensor.detach().clone() for name, tensor in (weights or {}).items()}
        self.new = new

    @classmethod
    def l2sp(cls, start: nn.Module | Mapping[str, Tensor], *, new: float = 0.1) -> Self:
        """α/2 |θ_S - θ⁰_S|² + β/2 |θ_new|², with α the term's weight and β = new · α.

        At α = 0.1 the default is the paper's β = 0.01.
        """
        return cls(dict(start.named_parameters()) if isinstance(start, nn.Module) else start, new=new)

    def __call__(self, batch: Batch, model: nn.Module) -> Tensor:
        held, new = [], []
        for name, parameter in model.named_parameters():
            if not parameter.requires_grad:
                continue
            if is_dealt(parameter):
                raise TrainingError(
                    f"{self} reads whole weights and '{name}' is sharded; train without it, or unsharded"
                )
            start = self._placed(self.start, name, parameter)
            if start is not None and start.shape == parameter.shape:
                weight = self._placed(self.weights, name, parameter)
                moved = (parameter - start).square()
                held.append((moved if weight is None else weight * moved).sum())
            elif self.new:
                new.append(parameter.square().sum())
        if self.start and not held:
            raise TrainingError(
                f"no parameter that may move is anchored: the anchor holds {_few(self.start)}; "
                f"the model has {_few(dict(model.named_parameters()))}"
            )
        return 0.5 * torch.stack([*held, *(self.new * each for each in new)]).sum()

    @staticmethod
    def _placed(table: dict[str, Tensor], name: str, parameter: Tensor) -> Tensor | None:
        value = table.get(name)
        if value is not None and (value.device, value.dtype) != (parameter.device, parameter.dtype):
            value = table[name] = value.to(parameter)  # once, not at every step
        return value


def _few(names: Mapping[str, Tensor]) -> str:
    return ", ".join(list(names)[:3]) + (", …" if len(names) > 3 else "")
