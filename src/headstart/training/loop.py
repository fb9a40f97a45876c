"""The one loop: it yields its losses, so logging, progress and stopping early are the caller's `for`."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
from torch import nn

from headstart.errors import TrainingError
from headstart.training.batches import Batch
from headstart.training.best import Best
from headstart.training.chance import chance
from headstart.training.checkpoint import Checkpoint
from headstart.training.schedule import Schedule
from headstart.training.terms.term import Term


class Step(NamedTuple):
    """One finished update: its number (from 1), the loss before it, and the learning rate it took."""

    number: int
    loss: float
    rate: float


def train(
    model: nn.Module,
    batches: Callable[[int], Batch],
    *,
    objective: Term,
    schedule: Schedule,
    seed: int = 0,
    checkpoint: Checkpoint | None = None,
) -> Iterator[Step]:
    """Train `model` in place and yield each step as it is done; the model ends in eval mode.

    Step t is a function of the weights, the optimizer's state and (seed, t) alone: its rows, its augmentation and its
    dropout ask for (seed, t), never for what ran before. So a run that is killed and started again with the same
    checkpoint folder ends bit-identical to one that was never stopped.

    Raises `DataError` before the first step when batches lack what a term needs; `TrainingError` when nothing may move,
    or when the loss or its gradient is no number any more: the model then holds the best weights there were.
    """
    optimizer = schedule.make_optimizer(model)
    start = checkpoint.restore(model, optimizer) if checkpoint else 0
    if start < schedule.steps:
        objective.check(batches(start))
    best, smooth = Best(model), math.nan
    try:
        for step in range(start, schedule.steps):
            rate = schedule.set_rate(optimizer, step)
            with chance(seed, step, device=next(model.parameters()).device):
                loss = _update(model, batches(step), objective, optimizer, clip=schedule.clip)
            if loss is None:
                best.restore(model)
                raise TrainingError(_diverged(step + 1, rate, best))
            smooth = loss if math.isnan(smooth) else 0.9 * smooth + 0.1 * loss
            if (step + 1) % max(1, schedule.steps // 20) == 0:
                best.offer(model, value=smooth, step=step + 1)
            if checkpoint:
                checkpoint.step_done(step + 1, model, optimizer)
            yield Step(step + 1, loss, rate)
    finally:
        model.eval()


def _update(
    model: nn.Module, batch: Batch, objective: Term, optimizer: torch.optim.Optimizer, *, clip: float | None
) -> float | None:
    """One update; the loss before it, or None (and no update) when the loss or the gradient is no finite number."""
    model.train()
    loss = objective(batch, model)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    moving = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    length = nn.utils.clip_grad_norm_(moving, math.inf if clip is None else clip)
    if not (torch.isfinite(loss) and torch.isfinite(length)):
        return None
    optimizer.step()
    return loss.item()


def _diverged(step: int, rate: float, best: Best) -> str:
    kept = f"of step {best.step}, loss {best.value:.3g}" if best.step else "it started from"
    return (
        f"the loss is no number at step {step} with learning rate {rate:.3g}; "
        f"the model holds the weights {kept}. Try a learning rate ten times lower, and look for NaN in the inputs"
    )
