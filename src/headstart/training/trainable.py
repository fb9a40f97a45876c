"""What trains: the part of a network above a boundary, pooled to one row per sample, and a linear head on top."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from headstart.arrays import Matrix, Vector
from headstart.backbones.fingerprint import fingerprint
from headstart.backbones.network import NetworkBackbone
from headstart.backbones.parts import part_above
from headstart.backbones.pooling import pool, tensor_and_mask
from headstart.errors import TrainingError
from headstart.training.freezing import Still
from headstart.training.lora import add_adapters
from headstart.training.moving import BatchNorm, Moving
from headstart.training.stochastic_norm import StochasticNorm


class Trainable(nn.Module):
    """A copy of the layers above `moving.boundary` and a linear head: activations (or a batch) → logits (n, C).

    rank             of the adapters where the move is "lora"
    coef, intercept  the head's first weights, (d, C) and (C,): a closed-form head makes the first of the two steps
    batch_norm       "frozen" and "statistics" keep scale and shift; "statistics" and "train" let running statistics
                     follow the batches in the layers that move
    """

    def __init__(
        self,
        backbone: NetworkBackbone,
        moving: Moving,
        coef: Matrix,
        intercept: Vector,
        *,
        batch_norm: BatchNorm = "frozen",
        rank: int = 8,
    ) -> None:
        super().__init__()
        self.backbone, self.moving, self.batch_norm, self.rank = backbone, moving, batch_norm, rank
        self._names = (part := part_above(backbone, moving.boundary)).names
        self.part = part.module
        self.head = nn.Linear(*coef.shape)
        with torch.no_grad():
            self.head.weight.copy_(torch.from_numpy(np.ascontiguousarray(coef.T)))
            self.head.bias.copy_(torch.from_numpy(np.asarray(intercept)))
        self._let_go()
        self.eval()

    def _let_go(self) -> None:
        """Gradients for what moves, and for nothing else in the part."""
        chosen = set(self.moving.parameters)
        if self.moving.move == "lora":
            paths = [name.rpartition(".")[0] for name, owner in self._names.items() if owner in chosen]
            add_adapters(self.part, rank=self.rank, under=paths)
            return
        for name, parameter in self.part.named_parameters():
            parameter.requires_grad_(self._names.get(name) in chosen)

    def __deepcopy__(self, memo: dict[int, Any]) -> Trainable:
        memo[id(self.backbone)] = self.backbone  # nobody writes into it
        copied = memo[id(self)] = type(self).__new__(type(self))
        copied.__dict__.update(copy.deepcopy(self.__dict__, memo))
        return copied

    def twin(self) -> Trainable:
        """Another one with the same weights, that shares none of them."""
        blank = np.zeros((self.head.in_features, self.head.out_features))
        twin = Trainable(self.backbone, self.moving, blank, blank[0], batch_norm=self.batch_norm, rank=self.rank)
        twin.load_state_dict(self.state_dict())
        return twin

    def forward(self, inputs: Any) -> Tensor:
        return self.head(self.rows(inputs))

    def rows(self, inputs: Any) -> Tensor:
        """The last layer, one row per sample, as `embed` gives it; (n, d)."""
        value, mask = tensor_and_mask(self.part(inputs), inputs)
        if isinstance(inputs, dict) and "mask" in inputs:
            mask = inputs["mask"]
        return pool(value, "mean", mask=mask, channel_axis=self.backbone.channel_axis)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Inside, every layer that does not move is in eval mode whatever `train()` is called. On leaving, each weight
        and buffer that was not to move is compared with what it was, bit by bit: equal, or `TrainingError`."""
        before = self.frozen_digest()
        with Still(self._still_modules()):
            yield
        after = self.frozen_digest()
        if after != before:
            raise TrainingError(
                f"frozen weights or statistics of '{self.backbone.name}' have changed while others trained "
                f"(digest {before[:12]} before, {after[:12]} after); something wrote into them"
            )

    def frozen_digest(self) -> str:
        """SHA-256 over all that must not move in the part that runs."""
        moves = self._moves()
        return fingerprint({name: value for name, value in self._state() if name not in moves}, {})

    def frozen_state_digest(self) -> str:
        """SHA-256 over all weights and buffers of the whole network that were not to move: `network()` keeps them."""
        moves = self._moves()
        return fingerprint({name: value for name, value in self.backbone.state().items() if name not in moves}, {})

    def learning(self) -> int:
        """How many numbers train: of adapters their two matrices, and not the weights that these are merged into."""
        return sum(
            parameter.numel() for each in (self.part, self.head) for parameter in each.parameters()
            if parameter.requires_grad
        )  # fmt: skip

    def depth(self, parameter: str) -> int:
        """How many layers with weights lie between a weight of this module that moves and the head."""
        name = parameter.removeprefix("part.")
        if name not in self._names:  # one of an adapter's two matrices
            name = f"{name.rpartition('.')[0]}.weight"
        return self.moving.depth(self._names[name])

    def network(self) -> NetworkBackbone:
        """The whole backbone with what has been learned in place. All that was not to move is as it was, bit by bit.

        Raises `TrainingError` where it is not.
        """
        state = self.backbone.state()
        learned = {name: value.detach().cpu().contiguous().clone() for name, value in self._state()}
        changed = [name for name in learned if not torch.equal(learned[name], state[name])]
        moves = self._moves()
        stray = [name for name in changed if name not in moves]
        if stray:
            raise TrainingError(f"'{stray[0]}' has changed and was not to move; this is a defect, please report it")
        return self.backbone.with_state({**state, **{name: learned[name] for name in changed}})

    def _state(self) -> Iterator[tuple[str, Tensor]]:
        """Weights and buffers of the part under the network's names, adapters merged into their layers."""
        state = self.part.state_dict()
        for name, owner in self._names.items():
            path, _, key = name.rpartition(".")
            layer = self.part.get_submodule(path) if name not in state else None
            yield owner, state[name] if layer is None else getattr(layer, key)

    def _moves(self) -> set[str]:
        """Names of all that may change: what moves, and statistics where they may follow the batches."""
        following = set(self._following())
        running = {
            self._names[f"{path}.{name}" if path else name]
            for path, module in self.part.named_modules()
            if module in following
            for name, _ in module.named_buffers(recurse=False)
        }
        return {*self.moving.parameters, *running}

    def _following(self) -> list[nn.Module]:
        """BatchNorm layers whose running statistics follow the batches."""
        if self.batch_norm == "frozen" or not self.moving.parameters:
            return []
        kinds = (nn.modules.batchnorm._BatchNorm, StochasticNorm)
        return [part for part in self.part.modules() if isinstance(part, kinds)]

    def _still_modules(self) -> list[nn.Module]:
        """Modules with weights or buffers of their own none of which moves, and all of a part in which nothing does."""
        if not self.moving.parameters:
            return list(self.part.modules())
        following = set(self._following())
        return [
            part
            for part in self.part.modules()
            if part not in following and (isinstance(part, nn.modules.batchnorm._BatchNorm) or _owns_only_still(part))
        ]


def _owns_only_still(module: nn.Module) -> bool:
    own = list(module.parameters(recurse=False))
    return bool(own) and not any(parameter.requires_grad for parameter in own)
