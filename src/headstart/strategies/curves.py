"""Learning curves: what an entry would reach with fewer labels, by refitting it on growing subsets."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from headstart.arrays import Rows
from headstart.strategies.findings import CurvePoint
from headstart.strategies.ground import Evaluated, Ground, correctness, score_of

SHARES = (0.125, 0.25, 0.5, 1.0)


def learning_curve(entry: Evaluated, ground: Ground, *, shares: Sequence[float] = SHARES) -> tuple[CurvePoint, ...]:
    """Held-out accuracy after learning from each share of the training rows (nested, stratified subsets).

    Without held-out rows the first fold's rows are scored. Shares that add no row are skipped.
    """
    fit, score = (ground.train, ground.test) if len(ground.test) else ground.split.folds[0]
    if entry.refit is None:
        return ()
    points: list[CurvePoint] = []
    for share in shares:
        rows = stratified_share(fit, ground, share)
        if len(np.unique(ground.labels[rows])) < 2 or (points and points[-1].n == len(rows)):
            continue
        known = len(ground.test) and len(rows) == len(fit)  # learned from all of them already
        proba = entry.test if known else entry.refit(rows, score)
        correct = correctness(proba, ground.labels[score])
        points.append(CurvePoint(n=len(rows), accuracy=score_of(correct, ground, score).interval))
    return tuple(points)


def stratified_share(rows: Rows, ground: Ground, share: float) -> Rows:
    """A share of `rows`, at least one per class, larger shares containing smaller ones."""
    rng = np.random.default_rng(ground.seed)
    chosen = []
    for code in range(ground.n_classes):
        members = rng.permutation(rows[ground.labels[rows] == code])
        chosen.append(members[: max(1, round(share * len(members)))])
    return np.sort(np.concatenate(chosen))
