"""Regression under a source that is half wrong; the pieces by hand."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from headstart.adaptation.instance.tradaboost_r2 import (
    Boosted,
    TrAdaBoostR2,
    lowered,
    relative_errors,
    weighted_median,
)
from headstart.errors import DataError


def test_errors_are_relative_to_the_largest() -> None:
    np.testing.assert_allclose(relative_errors(np.array([1.0, 2, 5]), np.array([1.0, 1, 1])), [0, 0.25, 1])
    assert (relative_errors(np.ones(3), np.ones(3)) == 0).all()


def test_the_target_gets_the_share_asked_for() -> None:
    rng = np.random.default_rng(0)
    weights, errors = np.full(30, 1 / 30), rng.random(30)
    found = lowered(weights, errors, 20, share=0.6)
    assert found[20:].sum() == pytest.approx(0.6, abs=1e-6)
    assert found.sum() == pytest.approx(1.0)
    logs = np.log(found[:20])
    slope = np.polyfit(errors[:20], logs, 1)  # all source rows faded by one factor to the power of their error
    np.testing.assert_allclose(np.polyval(slope, errors[:20]), logs, atol=1e-9)
    np.testing.assert_allclose(lowered(weights, errors, 20, share=0.1), weights)


def test_weighted_median() -> None:
    values = np.array([[1.0, 2, 3], [9, 8, 7]])
    np.testing.assert_array_equal(weighted_median(values, np.ones(3)), [2, 8])
    np.testing.assert_array_equal(weighted_median(values, np.array([5.0, 1, 1])), [1, 9])


def test_a_perfect_regressor_needs_no_second() -> None:
    X = np.arange(10.0)[:, None]
    boosted = Boosted.of(Ridge(alpha=1e-9), X, 2 * X[:, 0], np.full(10, 0.1), 5, rounds=9)
    assert np.abs(boosted.predict(X) - 2 * X[:, 0]).max() < 1e-4


def world() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(320, 3))
    y = X @ np.array([1.0, -2.0, 0.5]) + 0.1 * rng.normal(size=320)
    y[:100] = -y[:100]  # a third of the source says the opposite
    return X[:300], y[:300], X[300:], y[300:]


def test_a_lying_part_of_the_source_is_lowered() -> None:
    Xs, ys, Xt, yt = world()
    rng = np.random.default_rng(1)
    new = rng.normal(size=(200, 3))
    truth = new @ np.array([1.0, -2.0, 0.5])
    fitted = TrAdaBoostR2(regressor=Ridge(), steps=5, rounds=3).fit(Xs, ys, Xt, yt)
    pooled = Ridge().fit(np.vstack([Xs, Xt]), np.append(ys, yt))
    assert np.abs(fitted.predict(new) - truth).mean() < 0.5 * np.abs(pooled.predict(new) - truth).mean()
    assert fitted.step_ > 0


def test_unknown_values_are_left_out() -> None:
    Xs, ys, Xt, yt = world()
    shown = np.where(np.arange(20) < 15, yt, np.nan)
    first = TrAdaBoostR2(steps=2, rounds=2).fit(Xs, ys, Xt, shown)
    second = TrAdaBoostR2(steps=2, rounds=2).fit(Xs, ys, Xt[:15], yt[:15])
    np.testing.assert_array_equal(first.predict(Xt), second.predict(Xt))


def test_misuse() -> None:
    Xs, ys, Xt, yt = world()
    with pytest.raises(DataError, match="at least 3 known target values"):
        TrAdaBoostR2().fit(Xs, ys, Xt, np.full(20, np.nan))
    with pytest.raises(DataError, match="feature spaces differ"):
        TrAdaBoostR2().fit(Xs, ys, Xt[:, :2], yt)
    with pytest.raises(DataError, match="source values are missing"):
        TrAdaBoostR2().fit(Xs, np.where(ys > 0, np.nan, ys), Xt, yt)
    with pytest.raises(DataError, match="steps and rounds"):
        TrAdaBoostR2(steps=0).fit(Xs, ys, Xt, yt)
    fitted = TrAdaBoostR2(steps=1, rounds=1).fit(Xs, ys, Xt, yt)
    with pytest.raises(DataError, match="X has 2 columns"):
        fitted.predict(Xt[:, :2])
