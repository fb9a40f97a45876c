"""One update of the weights: forward, backward, clip, step; nothing is written where the loss is no number."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import torch
from torch import nn

from headstart.training.batches import Batch
from headstart.training.precision import Precision
from headstart.training.terms.term import Term


class Update:
    """Calls with a batch, answers with the loss before the update; None (and no update) where it is no finite number.

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
        self.model, self.objective, self.optimizer = model, objective, optimizer
        self.precision, self.clip, self.accumulate = precision, clip, accumulate
        self._moving = [parameter for group in optimizer.param_groups for parameter in group["params"]]

    def __call__(self, batch: Batch) -> float | None:
        self.optimizer.zero_grad(set_to_none=True)
        total = self.gradients(batch)
        self.precision.unscale(self.optimizer)
        longest = math.inf if self.clip is None else self.clip
        length = nn.utils.clip_grad_norm_(self._moving, longest)
        loss, steepness = torch.stack([total, length]).tolist()
        if not math.isfinite(loss) or not (math.isfinite(steepness) or self.precision.may_overflow):
            return None
        self.precision.step(self.optimizer)
        return float(loss)

    def gradients(self, batch: Batch) -> torch.Tensor:
        """Forward and backward over all parts; the loss, a scalar."""
        self.model.train()
        total = torch.zeros((), device=next(self.model.parameters()).device)
        for part in parts(batch, self.accumulate):
            with self.precision.autocast():
                loss = self.objective(replace(part, layers=self.objective.layers), self.model)
            loss = loss.float() * (len(part) / len(batch))
            self.precision.backward(loss)
            total += loss.detach()
        return total


def parts(batch: Batch, n: int) -> list[Batch]:
    """The batch in (at most) `n` parts whose sizes differ by at most one."""
    size = len(batch)
    edges = [size * part // n for part in range(n + 1)]
    return [batch.slice(low, high) for low, high in itertools.pairwise(edges) if high > low]
