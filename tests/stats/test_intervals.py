"""Intervals against other computations, and by how often they hold what they promise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as scipy_stats
from scipy.stats import binomtest

from headstart.errors import DataError
from headstart.stats.intervals import accuracy_score_interval, mean_interval, paired_gain


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 300), st.floats(0, 1))
def test_independent_rows_give_wilsons_interval(n: int, share: float) -> None:
    right = round(share * n)
    found = accuracy_score_interval(np.arange(n) < right)
    peer = binomtest(right, n).proportion_ci(method="wilson")
    assert (found.interval.low, found.interval.high) == pytest.approx((peer.low, peer.high), abs=1e-6)
    assert found.value == pytest.approx(right / n)
    assert found.n == n


def coverage(draw: object, truth: float, trials: int = 400) -> float:
    hits = 0
    for trial in range(trials):
        found = draw(np.random.default_rng(trial))  # type: ignore[operator]
        hits += found.low <= truth <= found.high
    return hits / trials


def grouped(rng: np.random.Generator, p: float, groups: int = 25, size: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """Right answers whose chance differs from group to group around p."""
    chances = rng.beta(2 * p, 2 * (1 - p), groups)
    return (rng.random((groups, size)) < chances[:, None]).ravel(), np.repeat(np.arange(groups), size)


def test_groups_are_covered_and_would_not_be_without() -> None:
    def with_groups(rng: np.random.Generator) -> object:
        correct, groups = grouped(rng, 0.8)
        return accuracy_score_interval(correct, groups=groups).interval

    def without(rng: np.random.Generator) -> object:
        return accuracy_score_interval(grouped(rng, 0.8)[0]).interval

    assert coverage(with_groups, 0.8) > 0.92
    assert coverage(without, 0.8) < 0.85


def test_groups_of_one_row_are_no_groups() -> None:
    correct = np.random.default_rng(0).random(400) < 0.7
    alone = accuracy_score_interval(correct)
    apart = accuracy_score_interval(correct, groups=range(400))
    assert apart.se == pytest.approx(alone.se, rel=0.01)
    assert apart.interval.low == pytest.approx(alone.interval.low, abs=0.002)


def test_all_right_in_few_groups_is_no_proof() -> None:
    found = accuracy_score_interval(np.ones(100), groups=np.repeat(np.arange(5), 20))
    assert found.interval.high == 1
    assert found.interval.low < 0.6  # five independent observations, not a hundred
    assert found.se > 0


def test_one_group_is_one_observation() -> None:
    found = accuracy_score_interval(np.ones(100), groups=["a"] * 100)
    assert found.interval.low < 0.1 and found.interval.high == 1
    gain = paired_gain(np.ones(100), np.zeros(100), groups=["a"] * 100)
    assert (gain.value, gain.low) == (1, -1)


def test_repeated_cross_validation_is_covered() -> None:
    """A nearest-mean classifier, 5 folds twice on 40 rows; the truth is its accuracy when fitted on 32 others."""
    from sklearn.model_selection import RepeatedStratifiedKFold

    def sample(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
        y = np.arange(n) % 2
        return rng.normal(size=(n, 5)) + 0.8 * y[:, None] * (np.arange(5) == 0), y

    def right(X: np.ndarray, y: np.ndarray, T: np.ndarray, t: np.ndarray) -> np.ndarray:
        means = np.stack([X[y == label].mean(axis=0) for label in (0, 1)])
        return ((T[:, None] - means) ** 2).sum(axis=2).argmin(axis=1) == t

    rng = np.random.default_rng(0)
    truth = float(np.mean([right(*sample(rng, 32), *sample(rng, 500)).mean() for _ in range(300)]))

    def interval(rng: np.random.Generator) -> object:
        X, y = sample(rng, 40)
        runs = np.zeros((2, 40))
        for number, (fit, score) in enumerate(
            RepeatedStratifiedKFold(n_splits=5, n_repeats=2, random_state=0).split(X, y)
        ):
            runs[number // 5, score] = right(X[fit], y[fit], X[score], y[score])
        return accuracy_score_interval(runs).interval

    assert 0.93 < coverage(interval, truth, 200) <= 1


def test_repeats_are_not_rows() -> None:
    """Scoring the same rows again tells little more, and cross-validation never less than Nadeau & Bengio's factor."""
    once = (np.random.default_rng(0).random(200) < 0.8).astype(float)
    one, many = accuracy_score_interval(once), accuracy_score_interval(np.tile(once, (10, 1)), folds=5)
    assert many.se > one.se
    assert many.se == pytest.approx(one.se * np.sqrt(1 / 10 + 5 / 4), rel=0.02)


@pytest.mark.parametrize("n", [12, 60])
def test_paired_gain_is_covered(n: int) -> None:
    def interval(rng: np.random.Generator) -> object:
        both = rng.random(n) < 0.6
        a, b = both | (rng.random(n) < 0.4), both | (rng.random(n) < 0.1)
        return paired_gain(a, b)

    assert coverage(interval, 0.4 * 0.3) > 0.93


def test_paired_gain_with_groups_is_covered() -> None:
    def interval(rng: np.random.Generator) -> object:
        gain, groups = grouped(rng, 0.3)
        return paired_gain(gain, np.zeros(len(gain)), groups=groups)

    assert coverage(interval, 0.3) > 0.92


def test_paired_gain_uses_the_pairing() -> None:
    rng = np.random.default_rng(0)
    b = rng.random(300) < 0.5
    a = b | (rng.random(300) < 0.1)
    paired, shuffled = paired_gain(a, b), paired_gain(a, rng.permutation(b))
    assert paired.value == shuffled.value == pytest.approx(a.mean() - b.mean())
    assert paired.high - paired.low < 0.6 * (shuffled.high - shuffled.low)
    assert paired.excludes_zero


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 60), st.integers(1, 3), st.integers(0, 2**32 - 1))
def test_swapping_the_two_changes_the_sign(n: int, repeats: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    a, b = rng.random((repeats, n)) < 0.7, rng.random((repeats, n)) < 0.4
    there, back = paired_gain(a, b), paired_gain(b, a)
    assert (there.value, there.low, there.high) == pytest.approx((-back.value, -back.high, -back.low))
    assert there.low <= there.value <= there.high


def test_agreement_on_few_rows_proves_nothing() -> None:
    found = paired_gain(np.ones(8), np.ones(8))
    assert found.value == 0
    assert found.low < -0.1 < 0.1 < found.high
    grouped_alike = paired_gain(np.ones(80), np.ones(80), groups=np.repeat(np.arange(8), 10))
    assert grouped_alike.low < -0.1 < 0.1 < grouped_alike.high


def test_says_what_is_wrong() -> None:
    with pytest.raises(DataError, match=r"correct must have shape \(n,\)"):
        accuracy_score_interval([])
    with pytest.raises(DataError, match="between 0"):
        accuracy_score_interval([0, 2])
    with pytest.raises(DataError, match="3 rows but 2 groups"):
        accuracy_score_interval([0, 1, 1], groups=["a", "b"])
    with pytest.raises(DataError, match=r"paired rows must match: shapes \(2,\) and \(3,\)"):
        paired_gain([0, 1], [0, 1, 1])


@pytest.mark.parametrize("values", [[0.2, 0.4, 0.5], [1.0, -1.0], [0.1] * 4])
def test_the_mean_of_repeats_has_students_interval(values):
    found = mean_interval(values)
    deviation = np.std(values, ddof=1) / np.sqrt(len(values))
    expected = scipy_stats.t.interval(0.95, len(values) - 1, loc=np.mean(values), scale=max(deviation, 1e-300))
    assert found.value == pytest.approx(np.mean(values))
    assert (found.low, found.high) == pytest.approx(expected)


def test_the_mean_of_repeats_stays_within_its_bounds_and_one_has_no_interval():
    assert mean_interval([0.0, 1.0], lowest=0.0, highest=1.0).low == 0.0
    assert np.isnan(mean_interval([0.3]).low)
    with pytest.raises(DataError, match="at least one"):
        mean_interval([])
