"""Beliefs: the bootstrap against its formula, the prior's pull against few and many rows, honest ties."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from headstart.selection import KIT
from headstart.selection.cascade import Scored, score
from headstart.selection.labelled import LabelledFeatures
from headstart.selection.metric import Measurement
from headstart.selection.posterior import bayesian_bootstrap, belief, measured_belief
from headstart.selection.tap import Tap

Builder = Callable[..., tuple[np.ndarray, np.ndarray]]


def scored(name: str, accuracy: float, n: int, *, layer: str = "pool", seed: int = 0) -> Scored:
    right = np.random.default_rng(seed).permutation(np.arange(n) < round(accuracy * n)).astype(float)
    return Scored(name, Tap((layer,)), {"ridge_loo": Measurement(right.mean(), 0.0, right)}, n)


def test_the_bootstrap_has_the_posterior_of_dirichlet_weights() -> None:
    rows = np.random.default_rng(0).normal(size=(50, 3))
    draws = bayesian_bootstrap(rows, np.random.default_rng(1), draws=4000)
    assert draws.mean(axis=0) == pytest.approx(rows.mean(axis=0), abs=0.01)
    assert draws.std(axis=0) == pytest.approx(rows.std(axis=0) / np.sqrt(51), rel=0.05)


def test_few_rows_lean_on_the_prior_and_many_on_the_data() -> None:
    strengths = {"famous": 1.0, "unsung": -1.0}
    gaps = []
    for n in (20, 2000):
        found = belief([scored("famous", 0.7, n), scored("unsung", 0.8, n, seed=1)], strengths)
        gaps.append(found.mean[1] - found.mean[0])
    assert gaps[0] < 0 < gaps[1]


def test_nothing_known_is_believed_as_measured() -> None:
    found = belief([scored("a", 0.7, 100), scored("b", 0.8, 100, seed=1)], {"a": None, "b": None})
    assert found.mean == pytest.approx([0.7, 0.8])
    alone = belief([scored("a", 0.7, 100)], {"a": 2.0})
    assert alone.mean == pytest.approx([0.7])
    assert alone.p_best.tolist() == [1.0]


def test_layers_of_one_backbone_share_their_prior() -> None:
    runs = [scored("a", 0.7, 200, layer="low"), scored("a", 0.8, 200, layer="high", seed=1), scored("b", 0.6, 200)]
    found = belief(runs, {"a": -1.0, "b": 1.0})
    assert found.mean[1] - found.mean[0] == pytest.approx(0.1)


def test_equals_are_all_leaders_and_the_clearly_worse_is_not() -> None:
    runs = [scored("a", 0.8, 500), scored("b", 0.8, 500, seed=1), scored("c", 0.5, 500, seed=2)]
    found = belief(runs, {})
    assert found.leaders.tolist() == [True, True, False]
    assert found.p_best.sum() == pytest.approx(1)
    assert 0.3 < found.p_best[0] < 0.7
    low, high = found.interval(0)
    assert low < 0.8 < high


def test_scores_in_other_units_break_ties_and_never_more(world: Builder) -> None:
    runs = [score(str(seed), Tap(("pool",)), LabelledFeatures.of(*world(150, 20, 3, apart=apart, seed=seed)), KIT)
            for seed, apart in enumerate((0.3, 0.8, 1.2))]  # fmt: skip
    found, accuracies = belief(runs, {}), [each.measured["ridge_loo"].value for each in runs]
    assert found.mean.mean() == pytest.approx(np.mean(accuracies), abs=0.01)
    assert np.ptp(found.mean) <= 1.2 * np.ptp(accuracies)
    assert list(np.argsort(found.mean)) == list(np.argsort(accuracies))


def test_one_metric_alone(world: Builder) -> None:
    worlds = [LabelledFeatures.of(*world(150, 20, 3, apart=apart, seed=seed)) for seed, apart in ((0, 0.2), (1, 1.5))]
    runs = [score(str(at), Tap(("pool",)), features, ("logme",)) for at, features in enumerate(worlds)]
    found = measured_belief(runs, "logme", sign=1)
    assert found.mean.tolist() == [each.measured["logme"].value for each in runs]
    assert found.leaders.tolist() == [False, True]
    worst_first = measured_belief(runs, "logme", sign=-1)
    assert worst_first.leaders.tolist() == [True, False]
