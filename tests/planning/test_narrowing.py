"""A first look drops what is far behind, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from headstart.features.store import Store
from headstart.planning.costs import NOTHING
from headstart.planning.foretold import Foretold
from headstart.planning.narrowing import FIRST, far_behind, first_look, left_behind
from headstart.planning.probing import Frozen, Sight
from headstart.planning.rows import probe_rows

from .worlds import blobs, foretold, ground_of


def looked(*explained: np.ndarray) -> Frozen:
    options = [
        replace(foretold("frozen", 0.8, r2=float(each.mean()), backbone="net", layers=(f"l{at}",)), explained=each)
        for at, each in enumerate(explained)
    ]
    return Frozen(None, NOTHING, tuple(options), (), {})  # type: ignore[arg-type]


def test_a_first_look_is_taken_where_it_saves_rows(tmp_path: Path) -> None:
    ground = ground_of(blobs(300, classes=3))
    sight = Sight(ground, probe_rows(ground), Store(tmp_path))
    few = first_look(sight)
    assert few is not None
    assert len(few.rows) <= FIRST + 3
    assert set(few.rows) < set(sight.rows)
    assert set(few.labels) == {0, 1, 2}
    assert few.passes is sight.passes, "what it computes is counted"
    short = ground_of(blobs(100, classes=3))
    assert first_look(Sight(short, probe_rows(short), Store(tmp_path))) is None


def test_who_is_far_behind_is_left_by_the_best_layer_of_each() -> None:
    rng = np.random.default_rng(0)
    good, noise = rng.normal(0.6, 0.2, 64), rng.normal(0, 0.2, 64)
    found = far_behind([looked(good), looked(noise * 0.1), looked(noise * 0.1, good + noise * 0.5)])
    assert list(found) == [1]
    assert "left behind on 64 rows by frozen" in found[1]


def test_noise_leaves_nobody_behind() -> None:
    rng = np.random.default_rng(1)
    dropped = sum(len(far_behind([looked(*rng.normal(0.3, 0.3, (3, 64))) for _ in range(3)])) for _ in range(100))
    assert dropped <= 5, "of 200 that could have been"


def test_the_dropped_keep_their_names_and_say_why() -> None:
    found = left_behind(looked(np.ones(64)), "left behind on 64 rows by a")
    each: Foretold = found.foretold[0]
    assert not each.known
    assert each.correct is None
    assert each.option.name == "frozen · net · l0"
    assert each.option.abstained == "left behind on 64 rows by a"
    assert not found.profile
