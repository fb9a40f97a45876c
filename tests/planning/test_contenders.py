"""Learning from scratch, a little at a time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from headstart.features.store import Store
from headstart.planning.contenders import (
    after_race,
    race_folds,
    run_race,
    scratch_contender,
    scratch_runner,
)
from headstart.planning.probing import Sight
from headstart.planning.race import Racer
from headstart.planning.rows import probe_rows
from headstart.strategies.scratch import Scratch

from .worlds import blobs, foretold, ground_of


def test_a_race_is_run_on_one_fold() -> None:
    ground = ground_of(blobs(400))
    assert race_folds(ground) == ground.split.folds[:1]


def test_a_longer_run_learns_more() -> None:
    ground = ground_of(blobs(200, classes=4, apart=4.0))
    folds = race_folds(ground)
    run = scratch_runner(ground, Scratch(ground.dataset), folds)
    short, long = run(0.0025), run(0.2)
    assert len(short) == sum(len(score) for _, score in folds)
    assert set(np.unique(long)) <= {0.0, 1.0}
    assert long.mean() > short.mean() + 0.1
    assert np.array_equal(run(0.0025), short)


def test_a_race_ends_in_foretold_accuracies(tmp_path: Path) -> None:
    ground = ground_of(blobs(300, classes=3, apart=5.0))
    sight = Sight(ground, probe_rows(ground, most=150), Store(tmp_path))
    X = np.stack([np.asarray(item) for item in ground.dataset.take(sight.rows).items])
    scratch = scratch_contender(sight, Scratch(ground.dataset), foretold("scratch", 0.5).with_(accuracy=None))
    best = foretold("target only", sight.judge(X).correct)
    found = run_race(sight, {"scratch": scratch}, best, X)["scratch"]
    assert found.known
    assert found.option.evidence.startswith("race")
    assert found.correct is not None
    assert len(found.correct) == len(sight.rows)
    scored = sight.folds()[0][1]
    assert not np.isnan(found.correct[scored]).any()
    assert np.isnan(found.correct).sum() == len(sight.rows) - len(scored)
    assert sight.passes["race, scratch"] > 0
    assert run_race(sight, {}, best, X) == {}


def test_after_a_race_the_difference_is_carried_over() -> None:
    n = 100
    mark, ahead = np.zeros(20), np.zeros(20)
    mark[:10], ahead[:14] = 1, 1
    racer = Racer((0.05, 0.1, 0.2), (0.6, 0.65, 0.7), ahead)
    found = after_race(foretold("scratch", 0.1), racer, foretold("frozen", 0.6), mark, np.arange(20), n)
    assert found.accuracy == pytest.approx(0.6 + 0.2 + racer.full - 0.7)
    assert found.correct is not None
    assert np.isnan(found.correct[20:]).all()
    assert found.option.evidence == "race, 20% of the run"
