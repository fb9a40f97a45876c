"""P(Y given X): level when only P(X) moves, power when labels do, refusals in words."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.diagnosis.conditionals import components_for, conditionals, refused

from .pairs import pair


def found(seed: int, **world: object) -> str:
    source, target = pair(500, seed=seed, **world)
    labels = (source.labels, target.labels)
    return conditionals(source.X, target.X, labels, rng=np.random.default_rng(seed)).answer


def test_moving_p_of_x_alone_is_not_taken_for_other_labels() -> None:
    answers = [found(seed, shift=0.7) for seed in range(25)]
    assert answers.count("differs") <= 3
    assert answers.count("not seen") >= 18


def test_other_labels_at_the_same_x_are_seen() -> None:
    assert [found(seed, shift=0.4, concept=True) for seed in range(4)] == ["differs"] * 4


def test_no_overlap_is_said() -> None:
    source, target = pair(200, shift=40.0)
    answer = conditionals(source.X, target.X, (source.labels, target.labels), rng=np.random.default_rng(0))
    assert answer.answer == "cannot tell"
    assert "where both sides have some" in answer.reason


@pytest.mark.parametrize(
    ("rows", "labels", "explained", "words"),
    [
        ((500, 4), ([0, 1], [0, 1]), 1.0, "at least 30"),
        ((500, 90), ([1, 1], [1, 1]), 1.0, "one class"),
        ((90, 90), ([0, 1], [0, 1]), 0.4, "40% of the variance"),
    ],
)
def test_refusals_say_why(rows: tuple[int, int], labels: tuple, explained: float, words: str) -> None:
    assert words in refused(rows, 20, (np.array(labels[0]), np.array(labels[1])), explained)


def test_components_follow_the_rows() -> None:
    assert components_for(1000, 256) == 100
    assert components_for(10**6, 256) == 256
    assert components_for(3, 256) == 1
