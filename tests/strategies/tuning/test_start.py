"""The closed-form start is the ridge head, class by class; what is put on a frozen network is the average of heads."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax

from headstart.heads.average import Average
from headstart.heads.ridge import Ridge
from headstart.strategies.tuning.start import frozen_head, ridge_start


def test_it_is_the_ridge_head_with_its_temperature() -> None:
    rng = np.random.default_rng(0)
    labels = np.arange(60) % 3
    X = (rng.standard_normal((60, 8)) + np.eye(3, 8)[labels]).astype(np.float32)
    coef, intercept = ridge_start(X, labels, 3)
    assert softmax(X @ coef + intercept, axis=1) == pytest.approx(Ridge().fit(X, labels).predict_proba(X), abs=1e-6)


def test_a_class_without_rows_starts_unlikely_and_finite() -> None:
    rng = np.random.default_rng(0)
    labels = np.arange(40) % 2 * 2  # 0 and 2; class 1 has no row
    X = rng.standard_normal((40, 5)).astype(np.float32) + labels[:, None]
    coef, intercept = ridge_start(X, labels, 3)
    proba = softmax(X @ coef + intercept, axis=1)
    assert np.isfinite(coef).all() and np.isfinite(intercept).all()
    assert 0 < proba[:, 1].mean() < 0.1


def test_the_head_without_training_is_the_average_and_has_every_class() -> None:
    rng = np.random.default_rng(0)
    labels = np.arange(40) % 2 * 2
    X = rng.standard_normal((40, 5)).astype(np.float32) + labels[:, None]
    head = frozen_head(X, labels, 3, seed=4)
    alone = Average(seed=4).fit(X, labels)
    assert head.predict_proba(X)[:, [0, 2]] == pytest.approx(alone.predict_proba(X))
    assert (head.predict_proba(X)[:, 1] == 0).all()


def test_where_the_average_would_take_too_long_it_is_ridge(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headstart.heads.linear_head.MOST_WORK", 10)
    labels = np.arange(20) % 2
    X = np.random.default_rng(0).standard_normal((20, 4)).astype(np.float32)
    assert frozen_head(X, labels, 2).name == "ridge"
