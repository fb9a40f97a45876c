"""Runs that train on the target's rows, scored on the same folds as everything else."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeAlias

from headstart.arrays import Matrix, Rows
from headstart.heads.repeats import Repeats
from headstart.models.feature_map import FeatureMap
from headstart.strategies.feature_extraction import head_bytes, weights_of
from headstart.strategies.findings import Kind
from headstart.strategies.ground import Evaluated, Ground
from headstart.strategies.scratch import Scratch

# Fits on the first rows, gives probabilities for the second.
Refit: TypeAlias = Callable[[Rows, Rows], Matrix]


def evaluate_training(ground: Ground, run: Scratch, *, kind: Kind) -> Evaluated:
    """Train once per fold of the first repeat, and once on all training rows for the held-out ones."""
    started = time.perf_counter()

    def refit(fit: Rows, score: Rows) -> Matrix:
        return run.fit(fit, ground.n_classes).proba(score)

    validation, runs = out_of_fold(ground, refit, once=True)
    trained = run.fit(ground.train, ground.n_classes)
    size = weights_of(trained.backbone)
    return Evaluated(
        name=f"{kind} · {trained.backbone.name}",
        kind=kind,
        validation=validation,
        runs=runs,
        test=trained.proba(ground.test),
        map=FeatureMap(trained.backbone, trained.backbone.layers[-1:]),
        head=trained.head,
        head_name="its own",
        cost=(size, 1, 0),
        seconds=time.perf_counter() - started,
        bytes=size + head_bytes(trained.head),
        refit=refit,
    )


def out_of_fold(ground: Ground, refit: Refit, *, once: bool = False) -> tuple[Matrix, Matrix]:
    """Mean out-of-fold probabilities (n_train, C), and right or wrong per repeat (repeats, n_train).

    `once` stops when every row has been scored one time.
    """
    repeats = Repeats(len(ground.train), ground.n_classes)
    for (fit, score), (_, position) in zip(ground.split.folds, ground.local_folds, strict=True):
        if once and repeats.times.all():
            break
        repeats.add(position, refit(fit, score), ground.labels[score])
    return repeats.mean_proba, repeats.right
