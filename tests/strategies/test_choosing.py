"""Does the one-standard-error rule keep what it should, and do the nulls guard it?"""

from __future__ import annotations

import numpy as np
import pytest

from headstart.results import Interval
from headstart.strategies.choosing import choose, mean_difference, verdict
from headstart.strategies.ground import Ground

from .worlds import blobs, entry_with, ground_of


@pytest.fixture(scope="module")
def ground() -> Ground:
    return ground_of(blobs(800))


def wrong(ground: Ground, count: int, *, start: int = 0) -> np.ndarray:
    return np.arange(start, start + count)


def test_the_cheapest_of_equals_is_kept(ground: Ground) -> None:
    dear = entry_with(ground, wrong(ground, 10), cost=9, name="dear")
    cheap = entry_with(ground, wrong(ground, 11), cost=1, name="cheap")
    assert choose([dear, cheap]) is cheap


def test_a_clearly_better_one_is_kept_whatever_it_costs(ground: Ground) -> None:
    dear = entry_with(ground, wrong(ground, 10), cost=9)
    cheap = entry_with(ground, wrong(ground, 120, start=100), cost=1)
    assert choose([cheap, dear]) is dear


def test_a_null_that_is_clearly_better_replaces_transfer(ground: Ground) -> None:
    moved = entry_with(ground, wrong(ground, 150))
    scratch = entry_with(ground, wrong(ground, 20, start=200), kind="from scratch")
    assert choose([moved, scratch]) is scratch


def test_a_null_within_noise_does_not(ground: Ground) -> None:
    moved = entry_with(ground, wrong(ground, 21))
    scratch = entry_with(ground, wrong(ground, 20, start=200), kind="from scratch", cost=0.1)
    assert choose([moved, scratch]) is moved


def test_the_majority_class_is_never_kept(ground: Ground) -> None:
    moved = entry_with(ground, wrong(ground, 300))
    majority = entry_with(ground, wrong(ground, 0), kind="majority")
    assert choose([majority, moved]) is moved


def test_the_paired_standard_error_is_that_of_the_differences(ground: Ground) -> None:
    first, second = entry_with(ground, wrong(ground, 30)), entry_with(ground, wrong(ground, 50, start=10))
    a, b = first.runs[0], second.runs[0]
    mean, se = mean_difference(first, second)
    assert mean == pytest.approx(a.mean() - b.mean())
    assert se**2 == pytest.approx(np.var(a - b, ddof=1) / len(a))


def test_rows_that_one_entry_was_not_scored_on_do_not_count(ground: Ground) -> None:
    first, second = entry_with(ground, wrong(ground, 0)), entry_with(ground, wrong(ground, 40))
    second.runs[0, :40] = np.nan  # exactly the rows it would have got wrong
    assert mean_difference(first, second) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("gain", "word"),
    [
        (Interval(0.05, 0.02, 0.08), "Transfer helps"),
        (Interval(0.01, -0.02, 0.04), "No clear difference"),
        (Interval(-0.05, -0.08, -0.02), "Transfer hurts"),
    ],
)
def test_the_verdict_says_what_the_interval_says(ground: Ground, gain: Interval, word: str) -> None:
    sentence = verdict(entry_with(ground, wrong(ground, 5)), gain, 600, 2)
    assert sentence.startswith(word)
    assert f"{100 * gain.low:+.1f}" in sentence


def test_the_verdict_admits_that_transfer_did_not_help(ground: Ground) -> None:
    scratch = entry_with(ground, wrong(ground, 5), kind="from scratch", name="from scratch · conv")
    assert "does not help" in verdict(scratch, None, 600, 2)
