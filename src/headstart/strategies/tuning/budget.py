"""What a number of seconds can buy: fewer validation runs first, then fewer steps, then nothing."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from headstart.strategies.ground import Ground
from headstart.strategies.tuning.recipe import TuningRecipe
from headstart.strategies.tuning.run import batches_of, schedule_of
from headstart.strategies.tuning.tuner import Tuner
from headstart.training.loop import train
from headstart.training.terms.cross_entropy import CrossEntropy

FEWEST_STEPS = 30  # fewer move nothing: then the time is better left unspent
TRIED_STEPS = 3
LOOKING = 1.3  # what the looks at the validation rows add to the steps


@dataclass(frozen=True)
class Afforded:
    """How to tune within a budget: None where it buys nothing, and in a sentence what was decided.

    folds  how many folds are scored (None: all of the first repeat)
    """

    recipe: TuningRecipe | None
    folds: int | None
    note: str


def afford(ground: Ground, tuner: Tuner, seconds: float) -> Afforded:
    """Time a few steps (activations are computed by then: they count), and plan with what is left of `seconds`.

    The answer depends on how fast this machine is at the moment; without a budget nothing does.
    """
    started = time.perf_counter()
    each = seconds_per_step(tuner)
    left = seconds - (time.perf_counter() - started)
    recipe, n = tuner.recipe, len(ground.train)
    runs = first_repeat(ground) + 1
    steps, possible = recipe.steps(n), int(left / (each * LOOKING))
    if runs * steps <= possible:
        return Afforded(recipe, None, "")
    if 2 * steps <= possible:
        return Afforded(recipe, 1, f"a budget of {seconds:.0f} s pays for one validation run of {runs - 1}")
    fewer = max(1, (possible // 2) // -(-n // recipe.batch_size))
    shorter = replace(recipe, epochs=fewer)
    if shorter.steps(n) >= FEWEST_STEPS and 2 * shorter.steps(n) <= possible:
        note = f"a budget of {seconds:.0f} s pays for one validation run and {shorter.steps(n)} steps, not {steps}"
        return Afforded(shorter, 1, note)
    need = 2 * FEWEST_STEPS * each * LOOKING + time.perf_counter() - started
    return Afforded(
        None, None,
        f"fine-tuning of '{tuner.backbone.name}' (move={recipe.move}) was left out: a budget of {seconds:.0f} s is too "
        f"small, it needs about {need:.0f} s",
    )  # fmt: skip


def affords_trials(ground: Ground, tuners: Sequence[Tuner], seconds: float) -> bool:
    """Whether each tuner can be tried on one fold, and the slowest of them then be scored on the others and trained on
    all rows, within `seconds`; some steps of each are timed for it."""
    runs = [seconds_per_step(tuner) * tuner.recipe.steps(len(ground.train)) * LOOKING for tuner in tuners]
    return sum(runs) + first_repeat(ground) * max(runs) <= seconds


def first_repeat(ground: Ground) -> int:
    """Folds until the first row is scored a second time."""
    times = np.zeros(len(ground.dataset), dtype=np.int64)
    for number, (_, watch) in enumerate(ground.split.folds):
        if times[watch].any():
            return number
        times[watch] += 1
    return len(ground.split.folds)


def seconds_per_step(tuner: Tuner) -> float:
    """Wall seconds of one step, after one that warms up."""
    rows, recipe = tuner.train, tuner.recipe
    model = tuner.start(rows)
    batches = batches_of(
        tuner.inputs, rows, tuner.labels(rows), recipe, n_classes=tuner.n_classes, seed=tuner.seed
    )  # fmt: skip
    steps = train(
        model, batches, objective=CrossEntropy(), schedule=schedule_of(recipe, recipe.steps(len(rows))),
        precision=recipe.precision, accumulate=recipe.accumulate,
    )  # fmt: skip
    with model.held():
        next(steps)
        started = time.perf_counter()
        for _ in range(TRIED_STEPS):
            next(steps)
        seconds = time.perf_counter() - started
        steps.close()  # type: ignore[attr-defined]
    return seconds / TRIED_STEPS
