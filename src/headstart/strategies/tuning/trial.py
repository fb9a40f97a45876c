"""Which of several recipes a network is tuned by: each is tried on the first fold, and one goes on.

How much of a network should move depends on the task more than on anything that is known before: the upper layers are
enough where the task asks for what the network knows, and not where it asks for something else.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from headstart.backbones.backbone import Backbone
from headstart.data.splitting import first_repeat
from headstart.errors import TrainingError
from headstart.features.store import Store
from headstart.strategies.ground import Ground
from headstart.strategies.tuning.recipe import TuningRecipe
from headstart.strategies.tuning.rounds import losses_by_round
from headstart.strategies.tuning.tuner import Tuner


@dataclass(frozen=True)
class Trial:
    """What a recipe came to on the first fold.

    loss     calibrated, of the fold's held-out rows, after the best of its rounds (nats); infinite where it diverged
    seconds  that this took; next to none where the run was kept from before
    """

    tuner: Tuner
    loss: float
    seconds: float

    def __str__(self) -> str:
        came_to = f"{self.loss:.3f}" if math.isfinite(self.loss) else "diverged"
        return f"{self.tuner.recipe.move} {came_to} ({self.seconds:.0f} s)"


@dataclass(frozen=True)
class Trials:
    """All that were tried, in the order given; one alone is taken without a trial."""

    all: tuple[Trial, ...]

    @property
    def best(self) -> Tuner:
        """The first of those of least loss."""
        return min(self.all, key=lambda trial: trial.loss).tuner

    @property
    def note(self) -> str:
        """What was chosen and what it cost, in a sentence; "" where there was no choice."""
        if len(self.all) < 2:
            return ""
        return (
            f"what moves was chosen on the first validation part: {self.best.recipe.move}, by the loss there "
            f"({', '.join(map(str, self.all))})"
        )


def tuners_on(
    ground: Ground, backbone: Backbone, recipes: Sequence[TuningRecipe], *, store: Store, progress: bool = False
) -> list[Tuner]:
    """One for each recipe, of the training rows, that can be asked about the held-out rows as well."""
    rows = np.concatenate([ground.train, ground.test])
    return [
        Tuner(
            ground.dataset, backbone, recipe, rows=rows, train=ground.train, seed=ground.seed, store=store,
            progress=progress,
        )
        for recipe in recipes
    ]  # fmt: skip


def tried(ground: Ground, tuners: Sequence[Tuner]) -> Trials:
    """Each tuner's run on the first fold; it is kept in the store, so that scoring the winner does not repeat it.

    Of tuners that move the same weights the first counts. Raises `TrainingError` where every one diverges.
    """
    different = list({tuner.moving.parameters: tuner for tuner in reversed(tuners)}.values())[::-1]
    if len(different) == 1:
        return Trials((Trial(different[0], math.inf, 0.0),))
    trials, failures = [], []
    for tuner in different:
        started = time.perf_counter()
        try:
            loss = lowest_loss(ground, tuner)
        except TrainingError as cause:
            loss = math.inf
            failures.append(cause)
        trials.append(Trial(tuner, loss, time.perf_counter() - started))
    if len(failures) == len(trials):
        raise failures[0]
    return Trials(tuple(trials))


def lowest_loss(ground: Ground, tuner: Tuner) -> float:
    """Of the first fold's held-out rows, over the rounds (nats)."""
    fit, watch = first_repeat(ground.split.folds)[0]
    return float(losses_by_round([tuner.curve(fit, watch)], [ground.labels[watch]]).min())
