"""Label sets, class maps, shares."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.diagnosis.labels import (
    HeldOut,
    class_map,
    compare_sets,
    counted_priors,
    estimated_priors,
    resampled,
)
from headstart.problem import Task


@pytest.mark.parametrize(
    ("source", "target", "sets"),
    [
        ("abc", "cab", "closed"),
        ("abc", "ab", "partial"),
        ("ab", "abc", "open"),
        ("abc", "bcd", "open partial"),
        ("ab", "cd", "disjoint"),
        ("ab", "", "unknown"),
    ],
)
def test_sets_by_name(source: str, target: str, sets: str) -> None:
    assert compare_sets(Task(tuple(source)), Task(tuple(target))) == sets


def test_the_class_map_undoes_a_renaming() -> None:
    labels = np.tile([0, 1, 2], 20)
    called = np.array([2, 0, 1])[labels]
    called[:3] = 0  # some confusion
    found = class_map(called, labels, Task(("ant", "bee", "cow")), Task(("abeille", "vache", "fourmi")))
    assert {(a, b) for a, b, _ in found.pairs} == {("cow", "abeille"), ("ant", "vache"), ("bee", "fourmi")}
    assert all(share > 0.9 for *_, share in found.pairs)


def test_counted_shares_and_the_discount_for_groups() -> None:
    source, target = np.repeat([0, 1], [60, 40]), np.repeat([0, 1], [45, 55])
    plain = counted_priors(("a", "b"), source, target)
    assert plain.source == (0.6, 0.4)
    assert plain.total_variation == pytest.approx(0.15)
    assert counted_priors(("a", "b"), source, target, design_effect=5).p > plain.p


def test_estimated_shares_without_labels() -> None:
    rng = np.random.default_rng(0)

    def answers(labels: np.ndarray) -> np.ndarray:
        scores = np.where(labels[:, None] == np.arange(2), 1.0, -1.0) + rng.standard_normal((len(labels), 2))
        return np.exp(scores) / np.exp(scores).sum(1, keepdims=True)

    source, target = np.repeat([0, 1], [1000, 1000]), np.repeat([0, 1], [300, 1700])
    found = estimated_priors(("a", "b"), HeldOut(answers(source), source, answers(target)))
    assert found.target[1] == pytest.approx(0.85, abs=0.04)
    assert found.bbse[1] == pytest.approx(0.85, abs=0.05)
    assert found.trusted
    assert found.p < 1e-6


def test_rows_are_drawn_in_the_wanted_shares() -> None:
    labels = np.repeat([0, 1, 2], [100, 50, 10])
    rows = resampled(labels, np.array([0.25, 0.75, 0.0]), np.random.default_rng(0))
    counts = np.bincount(labels[rows], minlength=3)
    assert len(set(rows.tolist())) == len(rows)
    assert counts[1] == 50
    assert counts[0] in (16, 17)
    assert counts[2] == 0
