"""Batches by step number: the order of epoch e depends on (seed, e) only, so a stopped run goes on where it was."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Self, TypeAlias

import numpy as np
import torch
from torch import Tensor, nn

from headstart.arrays import Rows, Vector
from headstart.errors import DataError, UnknownName
from headstart.problem import UNLABELLED
from headstart.training.chance import generator
from headstart.training.processes import Share
from headstart.training.processes import share as current_share

AMONG = 8  # batches among whose rows those of like cost are put together
_MIXING = 2**31  # its own place among a step's random numbers, apart from any process's

Inputs: TypeAlias = Tensor | Mapping[str, Tensor]  # one tensor, or several by name (ids and mask of texts)
Augment: TypeAlias = Callable[[Any, torch.Generator], Any]
Mix: TypeAlias = Callable[["Batch", torch.Generator], "Batch"]


@dataclass(frozen=True, eq=False)
class Batch:
    """What one step sees: inputs for the model, and columns by name ("labels", and what other terms need).

    rows    which rows of the data these are, where that is known
    layers  submodules (paths in the model) whose outputs terms will ask for
    of      rows of the whole batch, where this is one process's share of it
    """

    inputs: Any
    columns: Mapping[str, Tensor] = field(default_factory=dict)
    rows: Tensor | None = None
    layers: tuple[str, ...] = ()
    of: int | None = None
    _passes: dict[int, tuple[Any, dict[str, Tensor]]] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return count(self.inputs)

    def __getitem__(self, column: str) -> Tensor:
        return self.columns[column]

    def through(self, model: nn.Module, *, run: Callable[[Any], Any] | None = None) -> Any:
        """The model's output on this batch: computed once, however many terms ask; by `run` (a wrapper) where given."""
        return self._pass(model, run or model)[0]

    def at(self, model: nn.Module, layer: str) -> Tensor:
        """What the submodule at path `layer` gave in that pass; free where `layers` announced it."""
        heard = self._pass(model, model)[1]
        if layer not in heard:
            heard |= self._run(model, model, (layer,))[1]
        return heard[layer]

    def _pass(self, model: nn.Module, run: Callable[[Any], Any]) -> tuple[Any, dict[str, Tensor]]:
        if id(model) not in self._passes:
            self._passes[id(model)] = self._run(model, run, self.layers)
        return self._passes[id(model)]

    def _run(
        self, model: nn.Module, run: Callable[[Any], Any], layers: tuple[str, ...]
    ) -> tuple[Any, dict[str, Tensor]]:
        heard: dict[str, Tensor] = {}
        modules = {path: _submodule(model, path) for path in layers}
        hooks = [module.register_forward_hook(partial(_hear, heard, path)) for path, module in modules.items()]
        try:
            return run(self.inputs), heard
        finally:
            for hook in hooks:
                hook.remove()

    def forget(self) -> None:
        """Drop the passes computed so far, and the memory they hold."""
        self._passes.clear()

    def to(self, device: torch.device) -> Self:
        """The same batch on a device; the batch itself where it is there already."""
        if all(tensor.device == device for tensor in (*tensors_of(self.inputs), *self.columns.values())):
            return self
        columns = {name: column.to(device, non_blocking=True) for name, column in self.columns.items()}
        return replace(self, inputs=each(self.inputs, lambda tensor: tensor.to(device)), columns=columns, _passes={})

    def slice(self, low: int, high: int) -> Self:
        """Rows `low` to `high` of the batch; the batch itself where that is all of it."""
        if high - low == len(self):
            return self
        columns = {name: column[low:high] for name, column in self.columns.items()}
        rows = None if self.rows is None else self.rows[low:high]
        inputs = each(self.inputs, lambda tensor: tensor[low:high])
        return replace(self, inputs=inputs, columns=columns, rows=rows, _passes={})


def _submodule(model: nn.Module, path: str) -> nn.Module:
    try:
        return model.get_submodule(path)
    except AttributeError as cause:
        raise UnknownName("layer", path, [name for name, _ in model.named_modules() if name]) from cause


def _hear(heard: dict[str, Tensor], path: str, _module: nn.Module, _inputs: Any, output: Tensor) -> None:
    heard[path] = output.clone()  # a layer behind may write into it (ReLU in place)


def each(inputs: Any, change: Callable[[Tensor], Tensor]) -> Any:
    """`change` done to the tensor, or to each of several."""
    if isinstance(inputs, Mapping):
        return {name: change(tensor) for name, tensor in inputs.items()}
    return change(inputs)


def tensors_of(inputs: Any) -> list[Tensor]:
    """The tensor, or each of several."""
    return list(inputs.values()) if isinstance(inputs, Mapping) else [inputs]


def count(inputs: Any) -> int:
    """Rows of the tensor, or of the first of several."""
    return len(tensors_of(inputs)[0])


def epoch_order(n: int, *, seed: int, epoch: int) -> Rows:
    """A permutation of n rows that depends on (seed, epoch) only; shape (n,)."""
    return np.random.default_rng((seed, epoch)).permutation(n)


def like_together(order: Rows, costs: Vector, *, size: int, n_batches: int, rng: np.random.Generator) -> list[Rows]:
    """The rows of an epoch in batches of about equal cost, so that short texts are not padded to the length of long
    ones: each stretch of `AMONG` batches is sorted by cost, and the batches are shuffled."""
    stretches = np.split(order, range(AMONG * size, len(order), AMONG * size))
    by_cost = np.concatenate([each[np.argsort(costs[each], kind="stable")] for each in stretches])
    batches = np.array_split(by_cost, n_batches)
    return [batches[place] for place in rng.permutation(n_batches)]


class Batches:
    """Calls with a step number, answers with its batch; any step, in any order, always the same.

    Each epoch visits every row once, in batches whose sizes differ by at most one (none is left with a single row).

    inputs   (n, ...) as the model takes them, or raw where `augment` makes them so; one tensor, or several by name
    columns  per name (n, ...)
    augment  `augment(inputs, generator)`; its random numbers depend on (seed, step) only
    mix      `mix(batch, generator)`, e.g. `Mixing`: done to the augmented batch
    share    the part of every batch that this process takes; by default, that of the processes it has joined. What
             is random about augmentation and mixing is then each process's own
    n_classes  where it is given, labels are held against it
    costs      (n,) relative work of each row, e.g. tokens: rows of like cost are put into one batch (`like_together`)

    Raises `DataError` when there are no rows, a column has another length, a label names no class, or a batch has not
    a row for every process.
    """

    def __init__(
        self,
        inputs: Inputs,
        columns: Mapping[str, Tensor],
        *,
        size: int,
        seed: int = 0,
        augment: Augment | None = None,
        mix: Mix | None = None,
        share: Share | None = None,
        n_classes: int | None = None,
        costs: Vector | None = None,
    ) -> None:
        self.n = count(inputs)
        if not self.n:
            raise DataError("there are no rows to train on; give at least two, of known label")
        lengths = {name: len(column) for name, column in columns.items()}
        for name, length in (lengths if costs is None else {**lengths, "costs": len(costs)}).items():
            if length != self.n:
                raise DataError(f"{self.n} inputs but {length} {name}; they must match one to one")
        if n_classes is not None:
            check_labels(columns["labels"], n_classes)
        self.inputs, self.columns, self.size, self.seed, self.augment = inputs, columns, size, seed, augment
        self.mix, self.share, self.costs = mix, share or current_share(), costs
        if self.n // self.per_epoch < self.share.count:
            raise DataError(
                f"batches of {self.n // self.per_epoch} rows cannot be shared by {self.share.count} processes; "
                f"take larger batches or fewer processes"
            )
        self._epoch: tuple[int, list[Rows]] = (-1, [])

    @property
    def per_epoch(self) -> int:
        """Batches in an epoch."""
        return -(-self.n // self.size)

    def rows(self, step: int) -> Rows:
        """The row numbers that step `step` (from 0) trains on."""
        epoch, position = divmod(step, self.per_epoch)
        if self._epoch[0] != epoch:
            order = epoch_order(self.n, seed=self.seed, epoch=epoch)
            self._epoch = (epoch, self._batches(order, epoch))
        return self._epoch[1][position]

    def _batches(self, order: Rows, epoch: int) -> list[Rows]:
        if self.costs is None:
            return np.array_split(order, self.per_epoch)
        rng = np.random.default_rng((self.seed, epoch, 1))
        return like_together(order, self.costs, size=self.size, n_batches=self.per_epoch, rng=rng)

    def __call__(self, step: int) -> Batch:
        whole = self.rows(step)
        rows = torch.from_numpy(whole[self.share.rank :: self.share.count])
        inputs = each(self.inputs, lambda tensor: tensor[rows])
        place = (step, *self.share.place)
        if self.augment is not None:
            inputs = self.augment(inputs, generator(self.seed, *place))
        batch = Batch(inputs, {name: column[rows] for name, column in self.columns.items()}, rows, of=len(whole))
        return batch if self.mix is None else self.mix(batch, generator(self.seed, *place, _MIXING))


def check_labels(labels: Tensor, n_classes: int) -> None:
    """Raise `DataError` for labels that name no class: neither 0 to n_classes - 1 nor unlabelled (-1)."""
    wrong = labels[(labels < UNLABELLED) | (labels >= n_classes)]
    if len(wrong):
        found = ", ".join(str(label) for label in wrong.unique().tolist()[:5])
        raise DataError(
            f"{len(wrong)} of {len(labels)} labels lie outside the {n_classes} classes: {found}; "
            f"labels are 0 to {n_classes - 1}, or {UNLABELLED} for unlabelled rows"
        )


def in_order(inputs: Inputs, columns: Mapping[str, Tensor], *, size: int) -> list[Batch]:
    """All rows once, in order, `size` at a time: what a validation is made of."""
    n = count(inputs)
    whole = Batch(inputs, columns, torch.arange(n))
    return [whole.slice(first, min(first + size, n)) for first in range(0, n, size)]
