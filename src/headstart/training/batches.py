"""Batches by step number: the order of epoch e depends on (seed, e) only, so a stopped run goes on where it was."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import torch
from torch import Tensor, nn

from headstart.arrays import Rows
from headstart.errors import DataError
from headstart.training.chance import generator

Augment: TypeAlias = Callable[[Tensor, torch.Generator], Tensor]


@dataclass(frozen=True, eq=False)
class Batch:
    """What one step sees: inputs for the model, and columns by name ("labels", and what other terms need)."""

    inputs: Tensor
    columns: Mapping[str, Tensor] = field(default_factory=dict)
    _outputs: dict[int, Any] = field(default_factory=dict, repr=False)

    def __getitem__(self, column: str) -> Tensor:
        return self.columns[column]

    def through(self, model: nn.Module) -> Any:
        """The model's output on this batch: computed once, however many terms ask."""
        if id(model) not in self._outputs:
            self._outputs[id(model)] = model(self.inputs)
        return self._outputs[id(model)]


def epoch_order(n: int, *, seed: int, epoch: int) -> Rows:
    """A permutation of n rows that depends on (seed, epoch) only; shape (n,)."""
    return np.random.default_rng((seed, epoch)).permutation(n)


class Batches:
    """Calls with a step number, answers with its batch; any step, in any order, always the same.

    Each epoch visits every row once, in batches whose sizes differ by at most one (none is left with a single row).

    inputs   (n, ...) as the model takes them, or raw where `augment` turns them into that
    columns  per name (n, ...)
    augment  `augment(inputs, generator)`; its random numbers depend on (seed, step) only

    Raises `DataError` when there are no rows or a column has another length.
    """

    def __init__(
        self, inputs: Tensor, columns: Mapping[str, Tensor], *, size: int, seed: int = 0, augment: Augment | None = None
    ) -> None:
        if not len(inputs):
            raise DataError("there are no rows to train on")
        for name, column in columns.items():
            if len(column) != len(inputs):
                raise DataError(f"{len(inputs)} inputs but {len(column)} {name}; they must match one to one")
        self.inputs, self.columns, self.size, self.seed, self.augment = inputs, columns, size, seed, augment
        self._epoch: tuple[int, list[Rows]] = (-1, [])

    @property
    def per_epoch(self) -> int:
        """Batches in an epoch."""
        return -(-len(self.inputs) // self.size)

    def rows(self, step: int) -> Rows:
        """The row numbers that step `step` (from 0) trains on."""
        epoch, position = divmod(step, self.per_epoch)
        if self._epoch[0] != epoch:
            order = epoch_order(len(self.inputs), seed=self.seed, epoch=epoch)
            self._epoch = (epoch, np.array_split(order, self.per_epoch))
        return self._epoch[1][position]

    def __call__(self, step: int) -> Batch:
        rows = torch.from_numpy(self.rows(step))
        inputs = self.inputs[rows]
        if self.augment is not None:
            inputs = self.augment(inputs, generator(self.seed, step))
        return Batch(inputs, {name: column[rows] for name, column in self.columns.items()})
