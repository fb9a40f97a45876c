"""The one loop: it yields its losses, so logging, progress and stopping early are the caller's `for`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from typing import NamedTuple

from torch import nn

from headstart.errors import TrainingError
from headstart.training.averaging import Average
from headstart.training.batches import Batch
from headstart.training.best import Best
from headstart.training.chance import chance
from headstart.training.checkpoint import Checkpoint, Companion
from headstart.training.divergence import diverged, save_batch
from headstart.training.precision import Precision, PrecisionName
from headstart.training.schedule import Schedule
from headstart.training.terms.term import Term
from headstart.training.trend import Trend
from headstart.training.update import Update
from headstart.training.validation import Validation


class Step(NamedTuple):
    """One finished update: its number (from 1), the loss before it, the learning rate it took, and what the validation
    rows lost after it (None at steps that did not look)."""

    number: int
    loss: float
    rate: float
    validation: float | None = None


def train(
    model: nn.Module,
    batches: Callable[[int], Batch],
    *,
    objective: Term,
    schedule: Schedule,
    seed: int = 0,
    checkpoint: Checkpoint | None = None,
    rates: Mapping[str, float] | None = None,
    average: float | None = None,
    validation: Validation | None = None,
    precision: PrecisionName = "float32",
    accumulate: int = 1,
) -> Iterator[Step]:
    """Train `model` in place and yield each step as it is done; the model ends in eval mode.

    rates       learning-rate scales by prefix of the parameters' names (the longest fitting one counts; default 1)
    average     decay of a running average of the weights; it is what validation sees and what the model ends with
    validation  stops early, and the model ends with the weights that lost least on the validation rows
    precision   of the forward pass: "float32", "bf16", "fp16", or "auto"
    accumulate  parts that each batch is taken in, to need less memory

    Step t is a function of the weights, the optimizer's state and (seed, t) alone: its rows, its augmentation and its
    dropout ask for (seed, t), never for what ran before. So a run that is killed and started again with the same
    checkpoint folder ends bit-identical to one that was never stopped.

    Raises `DataError` before the first step when batches lack what a term needs; `TrainingError` when nothing may move,
    or when the loss runs away, or it or its gradient is no number any more: the model then holds the best weights
    there were.
    """
    optimizer = schedule.make_optimizer(model, rates)
    device = next(model.parameters()).device
    numbers = Precision(precision, device)
    update = Update(model, objective, optimizer, precision=numbers, clip=schedule.clip, accumulate=accumulate)
    best, trend = Best(model), Trend()
    averaged = None if average is None else Average(model, decay=average)
    companions: dict[str, Companion] = {"best": best, "trend": trend, "precision": numbers}
    if averaged:
        companions["average"] = averaged
    start = checkpoint.restore(model, optimizer, companions) if checkpoint else 0
    if start < schedule.steps:
        objective.check(batches(start))
    if validation:
        validation.check()
    try:
        for step in range(start, schedule.steps):
            if validation and validation.has_run_out(step, best.step):
                break
            rate, batch, lost = schedule.set_rate(optimizer, step), batches(step).to(device), None
            with chance(seed, step, device=device):
                loss = update(batch)
            if loss is None or trend.add(loss).runs_away:
                averaged = None  # it has run away as well
                best.restore(model)
                where = save_batch(batch, checkpoint.folder if checkpoint else None, step=step + 1)
                raise TrainingError(diverged(step + 1, rate, loss, best, where))
            if averaged:
                averaged.step_done(model)
            if validation and validation.is_due(step + 1, schedule.steps):
                with averaged.inside(model) if averaged else nullcontext(), numbers.autocast():
                    lost = validation.loss(model)
                    best.offer(model, value=lost, step=step + 1)
            elif not validation and (step + 1) % max(1, schedule.steps // 20) == 0:
                best.offer(model, value=trend.value, step=step + 1)
            if checkpoint:
                checkpoint.step_done(step + 1, model, optimizer, companions)
            yield Step(step + 1, loss, rate, lost)
    finally:
        if validation and best.step:
            best.restore(model)
        elif averaged:
            averaged.write(model)
        model.eval()
