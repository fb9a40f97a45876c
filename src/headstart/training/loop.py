"""The one loop: it yields its losses, so logging, progress and stopping early are the caller's `for`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from torch import nn

from headstart.errors import TrainingError
from headstart.training.averaging import Average
from headstart.training.batches import Batch
from headstart.training.chance import chance
from headstart.training.checkpoint import Checkpoint
from headstart.training.divergence import diverged, save_batch
from headstart.training.keeping import Keeper
from headstart.training.memory import updated
from headstart.training.precision import Precision, PrecisionName
from headstart.training.processes import share
from headstart.training.schedule import Schedule
from headstart.training.terms.term import Term
from headstart.training.unfreezing import Unfreezing
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
    unfreezing: Unfreezing | None = None,
    average: float | Average | None = None,
    validation: Validation | None = None,
    precision: PrecisionName = "float32",
    accumulate: int = 1,
) -> Iterator[Step]:
    """Train `model` in place and yield each step as it is done; the model ends in eval mode.

    rates       learning-rate scales by prefix of the parameters' names (the longest fitting one counts; default 1)
    unfreezing  when each layer begins to move
    average     decay of a running average of the weights; it is what validation sees and what the model ends with
                (or the average itself, for a caller who looks at it between the steps)
    validation  stops early, and the model ends with the weights that lost least on the validation rows
    precision   of the forward pass: "float32", "bf16", "fp16", or "auto"
    accumulate  parts that each batch is taken in, to need less memory

    Step t is a function of the weights, the optimizer's state and (seed, t) alone: its rows, its augmentation and its
    dropout ask for (seed, t), never for what ran before. So a run that is killed and started again with the same
    checkpoint folder ends bit-identical to one that was never stopped. Processes that have `joined` train one model
    together; the first of them writes.

    Raises `DataError` before the first step when batches lack what a term needs; `TrainingError` when nothing may move,
    when a batch does not fit into memory, or when the loss runs away, or it or its gradient is no number any more: the
    model then holds the best weights there were.
    """
    optimizer = schedule.make_optimizer(model, rates)
    device, part = next(model.parameters()).device, share()
    numbers = Precision(precision, device)
    update = Update(model, objective, optimizer, precision=numbers, clip=schedule.clip, accumulate=accumulate)
    keeper = Keeper(model, steps=schedule.steps, average=average, validation=validation, numbers=numbers)
    companions = {**keeper.companions, "precision": numbers}
    start = checkpoint.restore(model, optimizer, companions) if checkpoint else 0
    if start < schedule.steps:
        objective.check(batches(start))
    with (unfreezing or Unfreezing({})).holding(model) as held:
        try:
            for step in range(start, schedule.steps):
                if keeper.has_enough(step):
                    break
                rate, batch = schedule.set_rate(optimizer, step), batches(step).to(device)
                model.train()
                held.at(step, schedule.steps)
                with chance(seed, step, *part.place, device=device):
                    loss = updated(update, batch, step + 1)
                if loss is None or keeper.is_broken(loss):
                    keeper.give_up()
                    where = save_batch(batch, checkpoint.folder if checkpoint else None, step=step + 1)
                    raise TrainingError(diverged(step + 1, rate, loss, keeper.best, where))
                lost = keeper.step_done(step + 1)
                if checkpoint:
                    checkpoint.step_done(step + 1, model, optimizer, companions)
                yield Step(step + 1, loss, rate, lost)
        finally:
            keeper.finish()
