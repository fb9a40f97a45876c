"""LEEP against its definition in loops; what the published formula divides by zero."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.errors import DataError
from headstart.selection.labelled import LabelledFeatures
from headstart.selection.leep import LEEP, leep


def by_definition(proba: np.ndarray, y: np.ndarray) -> float:
    n, Z = proba.shape
    total = 0.0
    for i in range(n):
        expected = 0.0
        for z in range(Z):
            joint = sum(proba[j, z] for j in range(n) if y[j] == y[i]) / n
            expected += joint / (sum(proba[j, z] for j in range(n)) / n) * proba[i, z]
        total += np.log(expected)
    return total / n


def test_is_the_definition() -> None:
    rng = np.random.default_rng(0)
    proba, y = rng.dirichlet(np.ones(4), 30), rng.integers(0, 3, 30)
    assert leep(proba, y).mean() == pytest.approx(by_definition(proba, y))


def test_survives_source_classes_never_predicted() -> None:
    rng = np.random.default_rng(0)
    proba, y = rng.dirichlet(np.ones(4), 30), rng.integers(0, 3, 30)
    padded = np.hstack([proba, np.zeros((30, 500))])
    assert np.allclose(leep(padded, y), leep(proba, y))
    assert np.isfinite(leep(np.eye(504)[np.zeros(30, dtype=int)], y)).all()


def test_is_zero_where_the_source_knows_and_the_labels_entropy_where_it_knows_nothing() -> None:
    y = np.array([0, 0, 1, 1, 2, 2, 2, 2])
    assert leep(np.eye(3)[y], y).mean() == pytest.approx(0)
    shares = np.array([0.25, 0.25, 0.5])
    assert leep(np.full((8, 5), 0.2), y).mean() == pytest.approx((shares * np.log(shares)).sum())


def test_refuses_what_is_no_probability() -> None:
    X, y = np.random.default_rng(0).normal(size=(6, 3)), np.array([0, 1, 0, 1, 0, 1])
    for wrong in (np.ones((6, 3)), np.array([[2.0, -1.0]] * 6)):
        with pytest.raises(DataError, match="must sum to 1 in each row; give a softmax"):
            LEEP().measure(LabelledFeatures.of(X, y, source_proba=wrong))
