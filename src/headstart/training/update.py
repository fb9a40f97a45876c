"""One update of the weights: forward, backward, clip, step; nothing is written where the loss is no number."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any

import torch
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel

from headstart.errors import TrainingError
from headstart.training.batches import Batch
from headstart.training.precision import Precision
from headstart.training.processes import is_joined, share
from headstart.training.sharding import is_sharded, whole
from headstart.training.terms.term import Term


class Update:
    """Calls with a batch, answers with the loss before the update; None (and no update) where it is no finite number.

    Where several processes train together, each has its part of the batch, and the gradient (DistributedDataParallel,
    or FSDP2 where it is `sharded`) and the loss are the means over all rows of all parts.

    clip        longest gradient allowed, None for any
    accumulate  parts that a batch is taken in, one after the other, to need less memory: the gradient is the same mean
                over all rows, but BatchNorm sees (and terms that compare rows compare) one part at a time
    """

    def __init__(
        self,
        model: nn.Module,
        objective: Term,
        optimizer: torch.optim.Optimizer,
        *,
        precision: Precision,
        clip: float | None = None,
        accumulate: int = 1,
    ) -> None:
        if accumulate < 1:
            raise ValueError(f"accumulate must be at least 1, got {accumulate}")
        self._sharded = is_sharded(model)
        if self._sharded and precision.name == "fp16":
            raise TrainingError(
                "of sharded weights each process would scale its loss alone; train in 'bf16' or 'float32'"
            )
        self.model, self.objective, self.optimizer = model, objective, optimizer
        self.precision, self.clip, self.accumulate = precision, clip, accumulate
        self._moving = [parameter for group in optimizer.param_groups for parameter in group["params"]]
        self._device = self._moving[0].device
        self._together: tuple[list[bool], DistributedDataParallel] | None = None

    def __call__(self, batch: Batch) -> float | None:
        self.optimizer.zero_grad(set_to_none=True)
        total = self._gradients_together(batch) if is_joined() else self.gradients(batch, parts=self.accumulate)
        self.precision.unscale(self.optimizer)
        longest = math.inf if self.clip is None else self.clip
        length = whole(nn.utils.clip_grad_norm_(self._moving, longest))
        loss, steepness = torch.stack([total, length]).tolist()
        if not math.isfinite(loss) or not (math.isfinite(steepness) or self.precision.may_overflow):
            return None
        self.precision.step(self.optimizer)
        return float(loss)

    def gradients(
        self, batch: Batch, *, parts: int, run: Callable[[Any], Any] | None = None, whole: float | None = None
    ) -> torch.Tensor:
        """Forward and backward over the batch in parts; the loss, a scalar.

        run    what to call instead of the model; its `no_sync` is in force up to the last part
        whole  rows that the mean is over; the batch's own by default
        """
        cut = parts_of(batch, parts)
        total = torch.zeros((), device=self._device)
        for place, part in enumerate(cut):
            layers = self.objective.layers
            announced = replace(part, layers=layers) if layers else part
            with _waiting(run) if place < len(cut) - 1 else nullcontext():
                with self.precision.autocast():
                    if run is not None:
                        announced.through(self.model, run=run)
                    loss = self.objective(announced, self.model)
                weight = len(part) / (whole or len(batch))
                loss = loss.float() if weight == 1 else loss.float() * weight
                self.precision.backward(loss)
            total += loss.detach()
        return total

    def _gradients_together(self, batch: Batch) -> torch.Tensor:
        # the mean over processes is that over all rows, once each loss counts as its rows do; batches that are nobody's
        # share (of another make than `Batches`) count the same
        processes = share().count
        rows = batch.of if batch.of is not None and batch.of > len(batch) else len(batch) * processes
        run = None if self._sharded else self._distributed()  # shared weights bring their own mean
        total = self.gradients(batch, parts=self.accumulate, run=run, whole=rows / processes)
        distributed.all_reduce(total)
        return total / processes

    def _distributed(self) -> DistributedDataParallel:
        """The model in its wrapper, made anew when other parameters may move (it remembers which)."""
        moves = [parameter.requires_grad for parameter in self.model.parameters()]
        if self._together is None or self._together[0] != moves:
            self._together = (moves, DistributedDataParallel(self.model))
        return self._together[1]


def _waiting(run: Any) -> AbstractContextManager[None]:
    return nullcontext() if run is None else run.no_sync()


def parts_of(batch: Batch, n: int) -> list[Batch]:
    """The batch in (at most) `n` parts whose sizes differ by at most one."""
    size = len(batch)
    edges = [size * part // n for part in range(n + 1)]
    return [batch.slice(low, high) for low, high in itertools.pairwise(edges) if high > low]
