"""Shares of the target without its labels: against the truth, the fixed point, and the known closed form."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import log_loss

from headstart.stats.label_shift import (
    bbse_shares,
    bias_corrected_temperature,
    condition_number,
    em_shares,
    shifted,
)

MEANS = np.array([[0.0, 0], [2, 0], [0, 2]])


def world(shares: np.ndarray, n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    y = rng.choice(3, n, p=shares)
    return MEANS[y] + rng.standard_normal((n, 2)), y


def posterior(X: np.ndarray, shares: np.ndarray) -> np.ndarray:
    density = np.exp(-((X[:, None] - MEANS) ** 2).sum(2) / 2) * shares
    return density / density.sum(1, keepdims=True)


SOURCE, TARGET = np.array([0.4, 0.3, 0.3]), np.array([0.1, 0.2, 0.7])


def test_em_finds_the_shares_and_says_that_they_changed() -> None:
    X, y = world(TARGET, 4000, 1)
    found = em_shares(posterior(X, SOURCE), SOURCE)
    np.testing.assert_allclose(found.shares, np.bincount(y) / 4000, atol=0.03)
    assert found.p < 1e-6


def test_em_ends_at_its_fixed_point() -> None:
    X, _ = world(TARGET, 500, 2)
    proba = posterior(X, SOURCE)
    shares = em_shares(proba, SOURCE).shares
    np.testing.assert_allclose(shifted(proba, SOURCE, shares).mean(0), shares, atol=1e-5)


def test_em_says_nothing_changed_where_nothing_did() -> None:
    p = [em_shares(posterior(world(SOURCE, 300, seed)[0], SOURCE), SOURCE).p for seed in range(200)]
    assert 0.01 <= np.mean(np.array(p) <= 0.05) <= 0.1


def test_bbse_inverts_the_confusion() -> None:
    called_given_true = np.array([[0.8, 0.1, 0.2], [0.1, 0.7, 0.1], [0.1, 0.2, 0.7]])
    joint = called_given_true * SOURCE
    np.testing.assert_allclose(bbse_shares(joint, called_given_true @ TARGET).shares, TARGET)
    assert condition_number(joint) == pytest.approx(np.linalg.cond(called_given_true))


def test_shifted_is_bayes_rule() -> None:
    X, _ = world(TARGET, 50, 3)
    np.testing.assert_allclose(shifted(posterior(X, SOURCE), SOURCE, TARGET), posterior(X, TARGET), atol=1e-12)


def test_calibration_undoes_temperature_and_bias() -> None:
    X, y = world(SOURCE, 6000, 4)
    true = posterior(X, SOURCE)
    spoiled = true**2.5 * np.array([1.0, 3.0, 0.5])
    spoiled /= spoiled.sum(1, keepdims=True)
    mended = bias_corrected_temperature(spoiled, y).apply(spoiled)
    assert log_loss(y, mended) == pytest.approx(log_loss(y, true), abs=0.004)
    np.testing.assert_allclose(mended, true, atol=0.06)


def test_a_class_the_source_never_showed_keeps_no_share() -> None:
    X, _ = world(np.array([0.5, 0.5, 0.0]), 300, 5)
    shares = np.array([0.5, 0.5, 0.0])
    assert em_shares(posterior(X, shares), shares).shares[2] == 0
