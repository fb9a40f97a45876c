"""One fine-tuning run: batches in, what the watched rows get after every round out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import TypeAlias

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from headstart.arrays import Labels, Matrix, Rows
from headstart.strategies.tuning.inputs import Inputs
from headstart.strategies.tuning.looks import Curve, Looks, RoundCheckpoint
from headstart.strategies.tuning.objective import objective_of
from headstart.strategies.tuning.pace import rates_of, unfreezing_of
from headstart.strategies.tuning.recipe import TuningRecipe
from headstart.training.averaging import Average, copied
from headstart.training.batches import Batches
from headstart.training.interpolation import interpolated
from headstart.training.loop import train
from headstart.training.mixing import Mixing
from headstart.training.schedule import Schedule
from headstart.training.trainable import Trainable

CHUNK = 64

Stop: TypeAlias = Callable[[list[Matrix]], bool]


def tune(
    model: Trainable,
    inputs: Inputs,
    rows: Rows,
    labels: Labels,
    *,
    recipe: TuningRecipe,
    watch: Rows,
    seed: int,
    rounds: int | None = None,
    stop: Stop | None = None,
    checkpoint: RoundCheckpoint | None = None,
    progress: bool = False,
) -> Curve:
    """Train `model` in place on `rows` of the inputs' dataset, whose labels are `labels`; look at `watch` every round.

    rounds  end after so many, in the middle of the schedule; None: all
    stop    asked after every round, with the logits of all rounds so far, whether to end

    Killed and started again with the same checkpoint, it ends as it would have without. Raises `TrainingError` when the
    loss diverges; the model then holds the best weights there were.
    """
    every, steps = recipe.steps_per_round(len(rows)), recipe.steps(len(rows))
    last = recipe.steps_until(len(rows), rounds)
    looks = checkpoint.looks() if checkpoint else Looks()
    if not looks.logits:
        looks.add(0, logits_of(model, inputs, watch))
    if not last:
        return looks.curve
    start = copied(model.state_dict()) if recipe.wise < 1 else {}
    objective = objective_of(model, recipe, labels)
    batches = batches_of(inputs, rows, labels, recipe, n_classes=model.head.out_features, seed=seed)
    average = Average(model, decay=recipe.average) if recipe.average else None
    losses: list[float] = []
    with model.held(), tqdm(total=last, desc="fine-tuning", disable=not progress, leave=False) as bar:
        running = train(
            model, batches, objective=objective, schedule=schedule_of(recipe, steps), seed=seed, checkpoint=checkpoint,
            rates=rates_of(model, recipe, batches=batches, objective=objective, seed=seed),
            unfreezing=unfreezing_of(model, recipe), average=average, precision=recipe.precision,
            accumulate=recipe.accumulate,
        )  # fmt: skip
        for step in running:
            bar.update(step.number - bar.n)
            losses.append(step.loss)
            if step.number % every and step.number != last:
                continue
            with average.inside(model) if average else nullcontext(), part_way(model, start, recipe.wise):
                looks.add(-(-step.number // every), logits_of(model, inputs, watch), loss=float(np.mean(losses)))
            losses = []
            if step.number == last or (stop is not None and stop(looks.logits)):
                break
            if checkpoint:
                checkpoint.commit(looks)
        running.close()  # type: ignore[attr-defined]
        if recipe.wise < 1:
            model.load_state_dict(interpolated(start, model.state_dict(), recipe.wise))
    return looks.curve


@contextmanager
def part_way(model: Trainable, start: Mapping[str, Tensor], share: float) -> Iterator[None]:
    """Inside, the model stands at that share of the way from its start; after, where it was."""
    if share == 1:
        yield
        return
    end = copied(model.state_dict())
    model.load_state_dict(interpolated(start, end, share))
    try:
        yield
    finally:
        model.load_state_dict(end)


def batches_of(
    inputs: Inputs, rows: Rows, labels: Labels, recipe: TuningRecipe, *, n_classes: int, seed: int
) -> Batches:
    """Batches of row numbers, turned into inputs when their step comes; the step's own chance draws views and mixes.
    Texts of like length go together."""
    columns = {"labels": torch.from_numpy(labels)}
    mixes = recipe.mixup or recipe.cutmix
    mix = Mixing(n_classes=n_classes, mixup=recipe.mixup, cutmix=recipe.cutmix) if mixes else None
    return Batches(
        torch.from_numpy(rows), columns, size=recipe.batch_size, seed=seed, augment=inputs, mix=mix,
        costs=inputs.costs(rows),
    )  # fmt: skip


def schedule_of(recipe: TuningRecipe, steps: int) -> Schedule:
    return Schedule(
        steps=steps, batch_size=recipe.batch_size, lr=recipe.lr, warmup=recipe.warmup,
        weight_decay=recipe.weight_decay, optimizer=recipe.optimizer,
    )  # fmt: skip


def logits_of(model: Trainable, inputs: Inputs, rows: Rows) -> Matrix:
    """(n, C) float32 for rows of the inputs' dataset, as they are (no view drawn)."""
    model.eval()
    costs, logits = inputs.costs(rows), np.zeros((len(rows), model.head.out_features), dtype=np.float32)
    order = np.arange(len(rows)) if costs is None else np.argsort(costs, kind="stable")
    with torch.no_grad():
        for first in range(0, len(rows), CHUNK):
            chunk = order[first : first + CHUNK]
            logits[chunk] = model(inputs(torch.from_numpy(rows[chunk]))).numpy()
    return logits
