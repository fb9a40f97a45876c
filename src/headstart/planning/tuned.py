"""Fine-tuning as an option: what may move, what it would cost, and how far a short run gets."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from headstart.arrays import Rows, Vector
from headstart.backbones.network import NetworkBackbone
from headstart.errors import BackboneError, TrainingError
from headstart.features.store import Store
from headstart.planning.costs import Cost
from headstart.planning.race import Runner
from headstart.strategies.ground import Ground, correctness
from headstart.strategies.tuning.recipe import ROUNDS, TuningRecipe, default_recipe
from headstart.strategies.tuning.run import tune
from headstart.strategies.tuning.tuner import Tuner
from headstart.training.moving import moving

MOVES = ("last2", "all")
FEWEST = 40  # rows below which weights are not moved
FEWEST_PER_CLASS = 5  # labelled rows of a class, likewise


def too_few(ground: Ground) -> str:
    """Why no weight should move on so few labels; "" where some may."""
    n, per_class = len(ground.train), len(ground.train) / ground.n_classes
    if n >= FEWEST and per_class >= FEWEST_PER_CLASS:
        return ""
    return (
        f"{n} labels, {per_class:.0f} per class: too few to move weights (at least {FEWEST}, {FEWEST_PER_CLASS} each)"
    )


def boundaries(backbone: NetworkBackbone, moves: Sequence[str] = MOVES) -> dict[str, str | None]:
    """What may move → the layer above which weights move (None: all), each boundary once; what cannot is left out."""
    found: dict[str, str | None] = {}
    for move in moves:
        try:
            boundary = moving(backbone, move).boundary
        except (BackboneError, TrainingError):
            continue
        if boundary not in found.values():
            found[move] = boundary
    return found


def recipe_of(ground: Ground, move: str, epochs: int | None = None) -> TuningRecipe:
    """The recipe that executing the plan would follow."""
    return default_recipe(ground.dataset.modality, move=move, epochs=epochs)


def tuning_cost(ground: Ground, cost: Cost, recipe: TuningRecipe, boundary: str | None) -> tuple[float, int]:
    """Seconds of scoring on every fold and of the run on all rows, and bytes at the peak."""
    n, fits = len(ground.train), ground.n_folds + 1
    views = recipe.views if boundary is not None else 1
    seconds = cost.training(n, updates=recipe.steps(n), batch=recipe.batch_size, fits=fits, boundary=boundary)
    seconds += (views - 1) * n * cost.below.get(boundary or "", 0.0)
    share = 1.0 if boundary is None else 1 - cost.below.get(boundary, 0.0) / max(cost.forward, 1e-12)
    return seconds, cost.memory(batch=recipe.batch_size, moving=float(np.clip(share, 0.05, 1.0)))


def tuning_runner(
    ground: Ground, backbone: NetworkBackbone, recipe: TuningRecipe, folds: Sequence[tuple[Rows, Rows]], *, store: Store
) -> Runner:
    """Fine-tuning for a share of the recipe's rounds: right or wrong on the folds' held-out rows, in the folds' order.

    A run is the beginning of the full one, under its own schedule, from the ridge head on.
    """
    tuner = Tuner(
        ground.dataset, backbone, recipe, rows=ground.train, train=ground.train, seed=ground.seed, store=store
    )

    def run_for(share: float) -> Vector:
        right = []
        for fit, score in folds:
            curve = tune(
                tuner.start(fit), tuner.inputs, fit, ground.labels[fit], recipe=recipe, watch=score, seed=ground.seed,
                rounds=max(1, round(share * ROUNDS)),
            )  # fmt: skip
            right.append(correctness(curve.logits[-1], ground.labels[score]))
        return np.concatenate(right)

    return run_for
