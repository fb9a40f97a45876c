"""What races: learning from scratch and fine-tuning, each able to do a part of its run and be asked how it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from headstart.arrays import Rows, Vector
from headstart.planning.race import Runner
from headstart.strategies.ground import Ground, correctness
from headstart.strategies.learner import proba_of
from headstart.strategies.scratch import Scratch

FEW = 128  # rows up to which one fold's held-out part is too small to tell anything
FOLDS_OF_FEW = 4


def race_folds(ground: Ground) -> tuple[tuple[Rows, Rows], ...]:
    """The folds a race is run on (positions in the dataset): one, or four where rows are few."""
    folds = ground.split.folds
    return folds[:FOLDS_OF_FEW] if len(ground.train) <= FEW else folds[:1]


def scratch_runner(ground: Ground, run: Scratch, folds: Sequence[tuple[Rows, Rows]]) -> Runner:
    """Training from random weights for a share of the recipe's steps: the schedule is as short as the run."""

    learner = run.learner

    def run_for(share: float) -> Vector:
        right = []
        for fit, score in folds:
            recipe = learner.recipe(len(fit))
            if recipe is not None:
                steps = max(1, round(share * recipe.schedule.steps))
                recipe = replace(recipe, schedule=replace(recipe.schedule, steps=steps))
            learned = learner.learn(fit, ground.n_classes, recipe=recipe, seed=run.seed, checkpoint=None)
            proba = proba_of(learned, learner.samples(score), ground.n_classes)
            right.append(correctness(proba, ground.labels[score]))
        return np.concatenate(right)

    return run_for
