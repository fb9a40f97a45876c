"""Learning from scratch, a little at a time."""

from __future__ import annotations

import numpy as np

from headstart.planning.contenders import race_folds, scratch_runner
from headstart.strategies.scratch import Scratch

from .worlds import blobs, ground_of


def test_few_rows_are_scored_on_more_folds() -> None:
    assert len(race_folds(ground_of(blobs(60)))) == 4
    assert len(race_folds(ground_of(blobs(400)))) == 1


def test_a_longer_run_learns_more() -> None:
    ground = ground_of(blobs(200, classes=4, apart=4.0))
    folds = race_folds(ground)
    run = scratch_runner(ground, Scratch(ground.dataset), folds)
    short, long = run(0.0025), run(0.2)
    assert len(short) == sum(len(score) for _, score in folds)
    assert set(np.unique(long)) <= {0.0, 1.0}
    assert long.mean() > short.mean() + 0.1
    assert np.array_equal(run(0.0025), short)
