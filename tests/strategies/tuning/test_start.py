"""The closed-form start is the ridge head, class by class."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax

from headstart.heads.ridge import Ridge
from headstart.strategies.tuning.start import ridge_start


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
