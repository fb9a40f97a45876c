"""Strategies answer together where what one knows the other does not, and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import expit, logit

from headstart.backbones.mlp import open_mlp
from headstart.models.feature_map import FeatureMap
from headstart.stats.calibration import apply_temperature, succession
from headstart.strategies.feature_extraction import head_bytes, weights_of
from headstart.strategies.ground import Evaluated, Ground, correctness
from headstart.strategies.learner import linear_head
from headstart.strategies.mixture import crossed, leaders, mixture_of, weigh

from .worlds import blobs, ground_of

GROUND = ground_of(blobs(900))
WIDTH = 5


def knowing(first: float, second: float, *, kind: str = "frozen features", name: str = "entry", seed: int = 0,
            ground: Ground = GROUND) -> Evaluated:  # fmt: skip
    """An entry that sees two independent signs of each row's class, each with its strength (0: not at all).

    The signs are the same for every entry; a head of its own is there to be delivered and is never asked.
    """
    rng = np.random.default_rng(7)
    side = np.where(ground.labels == 1, 1.0, -1.0)
    signs = side[:, None] + 1.5 * rng.standard_normal((len(side), 2))
    own = 0.05 * np.random.default_rng(seed).standard_normal(len(side))
    ones = expit(2 * (first * signs[:, 0] + second * signs[:, 1]) / 2.25 + own)
    proba = np.stack([1 - ones, ones], axis=1)
    head = linear_head(np.zeros((WIDTH, 2)), np.zeros(2))
    return Evaluated(
        name=name, kind=kind, validation=proba[ground.train],
        runs=correctness(proba[ground.train], ground.labels[ground.train])[None], test=proba[ground.test],
        map=FeatureMap(open_mlp(inputs=WIDTH, seed=seed), ("pool",)), head=head, head_name="linear", bytes=100,
    )  # fmt: skip


def test_two_who_know_different_things_answer_together() -> None:
    kept, scratch = knowing(1, 0, name="net"), knowing(0, 0.9, kind="from scratch", name="words", seed=1)
    found = mixture_of(kept, [kept, scratch], GROUND)
    assert found is not None and found.mixing is not None
    weights = [share.weight for share in found.mixing.shares]
    assert sum(weights) == pytest.approx(1) and min(weights) > 0.2
    assert [share.name for share in found.mixing.shares] == ["net", "words"]
    assert [member.weight for member in found.members] == weights
    labels = GROUND.labels[GROUND.test]
    assert correctness(found.test, labels).mean() > correctness(kept.test, labels).mean() + 0.03
    assert found.mixing.maps == 2
    assert found.bytes == sum(weights_of(each.map.backbone) + head_bytes(each.head) for each in found.members)
    assert found.mixing.latency > 0
    assert "0." in str(found.mixing) and "--mix never" in str(found.mixing)


def test_a_second_opinion_that_adds_nothing_is_not_paid_for() -> None:
    kept = knowing(1, 0)
    same = knowing(1, 0, kind="from scratch", seed=1)
    noise = knowing(0, 0, kind="raw input", seed=2)
    assert mixture_of(kept, [kept, same, noise], GROUND) is None


def test_what_transfers_nothing_is_not_mixed() -> None:
    kept, raw = knowing(1, 0, kind="from scratch"), knowing(0, 1, kind="raw input", seed=1)
    useless = knowing(0, 0, kind="frozen features", seed=2)
    assert mixture_of(kept, [kept, raw], GROUND) is None
    assert mixture_of(kept, [kept, raw, useless], GROUND) is None


def test_a_mixture_never_stands_behind_an_entry_that_is_ahead() -> None:
    kept, scratch = knowing(1, 0), knowing(0, 0.9, kind="from scratch", seed=1)
    better = knowing(1, 1, kind="random weights", seed=3)
    better = replace(better, runs=np.ones_like(better.runs))
    assert mixture_of(kept, [kept, scratch], GROUND) is not None
    assert mixture_of(kept, [kept, scratch, better], GROUND) is None


def test_luck_is_not_credible() -> None:
    """On entries that are pure noise, mixing is nearly never taken."""
    rng = np.random.default_rng(0)
    taken = 0
    for _ in range(20):
        entries = []
        for place, kind in enumerate(("frozen features", "from scratch")):
            ones = expit(0.3 * rng.standard_normal(len(GROUND.labels)))
            proba = np.stack([1 - ones, ones], axis=1)
            runs = correctness(proba[GROUND.train], GROUND.labels[GROUND.train])[None]
            entries.append(
                replace(knowing(0, 0, kind=kind, seed=place), validation=proba[GROUND.train], runs=runs)
            )  # fmt: skip
        taken += mixture_of(entries[0], entries, GROUND) is not None
    assert taken <= 3


def test_weights_are_those_that_a_search_finds() -> None:
    labels = GROUND.labels[GROUND.train]
    answers = [knowing(1, 0).validation, knowing(0, 0.7).validation]
    found = weigh(answers, labels)
    cooled = found.cooled(answers)
    rows = np.arange(len(labels))

    def loss(weight: float) -> float:
        return float(-np.log(weight * cooled[0][rows, labels] + (1 - weight) * cooled[1][rows, labels]).mean())

    best = minimize_scalar(loss, bounds=(0, 1), method="bounded")
    assert found.weights[0] == pytest.approx(best.x, abs=0.01)
    np.testing.assert_allclose(found.mixed(answers).sum(axis=1), 1)


def test_temperatures_are_each_members_own() -> None:
    """An entry that says the same with five times the confidence is cooled by five."""
    labels = GROUND.labels[GROUND.train]
    plain = knowing(1, 0).validation
    loud = expit(5 * logit(plain.clip(1e-9, 1 - 1e-9)))
    found = weigh([plain, loud], labels)
    assert found.temperatures[1] / found.temperatures[0] == pytest.approx(5, rel=0.02)
    smoothing = succession(len(labels), 2)
    assert 0 < smoothing < 0.01
    np.testing.assert_allclose(found.cooled([plain, loud])[0], apply_temperature(plain, found.temperatures[0]))


def test_a_fold_has_no_say_in_the_weights_that_judge_it() -> None:
    """Turning the labels of one fold around changes nothing of that fold's mixed probabilities."""
    entries = [knowing(1, 0), knowing(0, 0.7, kind="from scratch")]
    scored = np.ones(len(GROUND.train), dtype=bool)
    first = GROUND.local_folds[0][1]
    labels = GROUND.labels.copy()
    labels[GROUND.train[first]] = 1 - labels[GROUND.train[first]]
    turned = replace(GROUND, dataset=replace(GROUND.dataset, labels=labels))
    answers = [each.validation for each in entries]
    honest, _ = crossed(answers, GROUND, scored)
    other, _ = crossed(answers, turned, scored)
    np.testing.assert_array_equal(honest[first], other[first])
    assert not np.array_equal(honest, other)


def test_one_leader_of_each_kind() -> None:
    kept = knowing(0.5, 0, name="kept")
    entries = [kept, knowing(1, 1, name="larger"), knowing(0, 0.1, kind="raw input", name="raw"),
               knowing(0, 0.9, kind="from scratch", name="good"), knowing(0, 0.1, kind="from scratch", name="bad"),
               replace(knowing(1, 1, kind="majority"), map=None)]  # fmt: skip
    assert [each.name for each in leaders(kept, entries)] == ["kept", "good", "raw"]


def test_rows_that_a_member_was_not_scored_on_count_nothing() -> None:
    kept = knowing(1, 0)
    holes = knowing(0, 0.9, kind="fine-tuned", seed=1)
    validation, runs = holes.validation.copy(), holes.runs.copy()
    missing = GROUND.local_folds[0][1]
    validation[missing], runs[:, missing] = np.nan, np.nan
    partly = replace(holes, validation=validation, runs=runs)
    found = mixture_of(kept, [kept, partly], GROUND)
    assert found is not None
    assert np.isnan(found.validation[missing]).all() and np.isnan(found.runs[0, missing]).all()
    assert not np.isnan(np.delete(found.validation, missing, axis=0)).any()


def test_one_validation_part_alone_is_no_ground_to_mix_on() -> None:
    """Its weights could only be judged on the rows that chose them."""
    part = GROUND.split.folds[0]
    alone = replace(GROUND, split=replace(GROUND.split, folds=(part,)))
    scored = np.zeros(len(GROUND.train), dtype=bool)
    scored[GROUND.local_folds[0][1]] = True
    entries = []
    for each in (knowing(1, 0), knowing(0, 0.9, kind="from scratch", seed=1)):
        validation = np.where(scored[:, None], each.validation, np.nan)
        entries.append(replace(each, validation=validation, runs=np.where(scored, each.runs, np.nan)))
    assert mixture_of(entries[0], entries, alone) is None
