"""What races: learning from scratch and fine-tuning, each able to do a part of its run and be asked how it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from headstart.arrays import Rows, Vector
from headstart.backbones.network import NetworkBackbone
from headstart.planning.experience import KERNEL, Lead
from headstart.planning.foretold import Foretold, standard_error
from headstart.planning.left_out import held_out
from headstart.planning.probing import Sight
from headstart.planning.race import Racer, Runner, race
from headstart.planning.tuned import recipe_of, tuning_runner
from headstart.stats.intervals import paired_gain
from headstart.strategies.ground import Ground, correctness
from headstart.strategies.learner import proba_of
from headstart.strategies.scratch import Scratch

FEW = 1000  # rows up to which a race is not run: on 200 to 600 its word was further off than experience alone


@dataclass(frozen=True, eq=False)
class Contender:
    """An option that is open, what runs it, and how many samples its full run sends through its network."""

    foretold: Foretold
    run: Runner
    samples: int


def race_folds(ground: Ground) -> tuple[tuple[Rows, Rows], ...]:
    """The folds a race is run on (positions in the dataset): one."""
    return ground.split.folds[:1]


def scratch_contender(sight: Sight, run: Scratch, foretold: Foretold) -> Contender:
    """Learning from the target alone."""
    recipe = run.learner.recipe(len(sight.ground.train))
    samples = 0 if recipe is None else recipe.schedule.steps * recipe.schedule.batch_size
    folds = race_folds(sight.ground)
    return Contender(foretold, scratch_runner(sight.ground, run, folds), samples)


def tuning_contender(sight: Sight, backbone: NetworkBackbone, foretold: Foretold) -> Contender:
    """Fine-tuning what the option says may move; samples as they are, for views would cost more than the race."""
    recipe = replace(recipe_of(sight.ground, foretold.option.move, foretold.option.epochs), views=1)
    runner = tuning_runner(sight.ground, backbone, recipe, race_folds(sight.ground), store=sight.store)
    return Contender(foretold, runner, recipe.steps(len(sight.ground.train)) * recipe.batch_size)


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


def run_race(sight: Sight, contenders: Mapping[str, Contender], best: Foretold, matrix: Any) -> dict[str, Foretold]:
    """Race the contenders against the best of what stands (a ridge head on `matrix`, fitted on the same folds)."""
    if not contenders or not best.known:
        return {}
    folds = race_folds(sight.ground)
    local = sight.folds()[: len(folds)]
    scored = np.concatenate([score for _, score in local])
    mark = held_out(matrix, sight.labels, local, sight.ground.n_classes).correct[scored]
    kept = np.concatenate([np.isin(score, sight.rows) for _, score in folds])
    runners = {name: _cut_to(each.run, kept) for name, each in contenders.items()}
    racers = race(runners, standing={best.option.name: mark})
    for name, racer in racers.items():
        sight.count(f"race, {name}", round(3 * sum(racer.shares) * contenders[name].samples * len(folds)))
    return {
        name: after_race(contenders[name].foretold, racer, best, mark, scored, len(sight.rows))
        for name, racer in racers.items()
    }


def after_race(each: Foretold, racer: Racer, best: Foretold, mark: Vector, scored: Rows, n: int) -> Foretold:
    """A contender's accuracy: that of what stands, and by how much it is believed to be ahead after what was seen on
    the rows both were scored on, carried on to a full run."""
    difference = paired_gain(racer.correct, mark)
    still = racer.full - racer.accuracies[-1]
    value = difference.value + still
    error = float(np.sqrt(standard_error(difference) ** 2 + (still / 2) ** 2 + KERNEL**2))
    lead = Lead(value, error) if each.lead is None else each.lead.measured(value, error)
    correct = np.full(n, np.nan)
    correct[scored] = racer.correct
    words = f"race, {racer.shares[-1]:.0%} of the run" + (f"; {racer.dropped}" if racer.dropped else "")
    raced = each.with_(accuracy=lead.beside(best.option.accuracy), evidence=words, abstained="")
    return replace(raced, correct=correct, r2=float("nan"), lead=lead)


def _cut_to(run: Runner, kept: Rows) -> Runner:
    """The runner, its answers cut down to the rows the probes look at."""
    return lambda share: run(share)[kept]
