"""The temperature against brute force, and what it promises."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

from headstart.errors import DataError
from headstart.stats.calibration import (
    COLDEST,
    HOTTEST,
    abstain_curve,
    apply_temperature,
    fit_temperature,
    tempered_log_loss,
    threshold_for,
)
from headstart.stats.metrics import log_loss


def answers(seed: int, n: int = 200, n_classes: int = 3, sharpness: float = 4.0) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities `sharpness` times too sure, and labels drawn from the honest ones."""
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=(n, n_classes))
    y = np.array([rng.choice(n_classes, p=p) for p in softmax(scores, axis=1)])
    return softmax(sharpness * scores, axis=1), y


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.05, 20), st.floats(0, 0.2))
def test_equals_brute_force(seed: int, sharpness: float, smoothing: float) -> None:
    proba, y = answers(seed, sharpness=sharpness)
    logs = np.log(proba.clip(1e-12))

    def loss(log_t: float) -> float:
        each = log_softmax(logs / np.exp(log_t), axis=1)
        own = each[np.arange(len(y)), y]
        return float(-((1 - smoothing) * own + smoothing * each.mean(axis=1)).mean())

    found = fit_temperature(proba, y, smoothing=smoothing)
    best = min(loss(each) for each in np.linspace(np.log(COLDEST), np.log(HOTTEST), 400))
    best = min(best, minimize_scalar(loss, bounds=(np.log(found) - 1, np.log(found) + 1), method="bounded").fun)
    assert loss(np.log(found)) <= best + 1e-9


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 30), st.integers(1, 5))
def test_never_worse_than_no_temperature(seed: int, n: int, n_classes: int) -> None:
    rng = np.random.default_rng(seed)
    proba, y = rng.dirichlet(np.full(n_classes, 0.3), n), rng.integers(0, n_classes, n)
    temperature = fit_temperature(proba, y)
    assert COLDEST <= temperature <= HOTTEST
    assert tempered_log_loss(proba, y, temperature) <= tempered_log_loss(proba, y, 1.0) + 1e-12


def test_finds_the_temperature_that_spoiled_the_probabilities() -> None:
    proba, y = answers(0, n=20_000, sharpness=4.0)
    assert fit_temperature(proba, y) == pytest.approx(4.0, rel=0.05)
    assert log_loss(apply_temperature(proba, 4.0), y) < log_loss(proba, y)


def test_probabilities_logs_and_scores_say_the_same() -> None:
    proba, y = answers(1)
    assert fit_temperature(np.log(proba), y) == pytest.approx(fit_temperature(proba, y))
    assert fit_temperature(np.log(proba) - 7.0, y) == pytest.approx(fit_temperature(proba, y))


def test_bounds_where_the_loss_has_no_lowest_point() -> None:
    proba = np.array([[0.9, 0.1], [0.2, 0.8]])
    assert fit_temperature(proba, [0, 1]) == COLDEST
    assert fit_temperature(proba, [1, 0]) == HOTTEST
    assert fit_temperature(np.full((3, 2), 0.5), [0, 1, 1]) == 1.0
    assert COLDEST < fit_temperature(proba, [0, 1], smoothing=0.1) < 1


def test_order_of_classes_survives_and_one_changes_nothing() -> None:
    proba, _ = answers(2)
    assert np.allclose(apply_temperature(proba, 1.0), proba)
    assert np.array_equal(apply_temperature(proba, 7.0).argmax(axis=1), proba.argmax(axis=1))
    assert np.allclose(apply_temperature(proba, 7.0).sum(axis=1), 1)


def test_abstaining_by_hand() -> None:
    proba, y = answers(3, n=157)
    curve = abstain_curve(proba, y, points=20)
    confidence, right = proba.max(axis=1), proba.argmax(axis=1) == y
    assert curve.answered[0] == 1
    assert (np.diff(curve.threshold) > 0).all()
    for threshold, answered, accuracy in zip(curve.threshold, curve.answered, curve.accuracy, strict=True):
        assert answered == pytest.approx((confidence >= threshold).mean())
        assert accuracy == pytest.approx(right[confidence >= threshold].mean())


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.5, 0.8, 0.95, 1.0]))
def test_threshold_is_the_lowest_that_keeps_the_promise(seed: int, accuracy: float) -> None:
    rng = np.random.default_rng(seed)
    proba, y = np.round(rng.dirichlet([1, 1], 40), 1), rng.integers(0, 2, 40)  # rounding makes ties
    confidence, right = proba.max(axis=1), proba.argmax(axis=1) == y
    good = [t for t in np.unique(confidence) if right[confidence >= t].mean() >= accuracy - 1e-12]
    assert threshold_for(proba, y, accuracy=accuracy) == (min(good) if good else None)


def test_says_what_is_wrong() -> None:
    proba = np.full((2, 2), 0.5)
    with pytest.raises(DataError, match="proba has 2 rows and y has 1"):
        fit_temperature(proba, [0])
    with pytest.raises(DataError, match="at least one row"):
        fit_temperature(np.zeros((0, 2)), [])
    with pytest.raises(DataError, match="a temperature must be positive, got 0"):
        apply_temperature(proba, 0)
    with pytest.raises(DataError, match=r"accuracy must lie in \(0, 1\], got 95"):
        threshold_for(proba, [0, 1], accuracy=95)
    with pytest.raises(DataError, match="no rows"):
        abstain_curve(np.zeros((0, 2)), [])
