"""Discriminant analysis through ridge regression, against covariance matrices inverted one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import log_softmax

from headstart.heads.discriminant import Discriminant
from headstart.heads.ridge_path import RidgeProblem
from headstart.heads.statistics import Statistics

SHAPES = [(30, 4), (18, 40), (41, 40)]


def problem(X: np.ndarray, y: np.ndarray, weights: np.ndarray, factors: np.ndarray | None) -> Discriminant:
    statistics = Statistics.of(X, y, weights)
    return Discriminant(RidgeProblem.of_classes(statistics), statistics.codes, statistics.counts, factors)


def by_hand(
    X: np.ndarray, y: np.ndarray, weights: np.ndarray, factors: np.ndarray | None, ridge: float, shrinkage: float
) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients and intercepts from class means, pooled covariance and an inverse."""
    labels = np.unique(y)
    counts = np.array([weights[y == label].sum() for label in labels])
    means = np.stack([np.average(X[y == label], axis=0, weights=weights[y == label]) for label in labels])
    apart = X - means[np.searchsorted(labels, y)]
    W = (weights[:, None] * apart).T @ apart
    precision = counts.sum() / (1 - shrinkage) * np.linalg.inv(W + ridge * np.eye(X.shape[1]))
    priors = np.ones_like(counts) if factors is None else counts * factors
    coefficients = precision @ means.T
    return coefficients, np.log(priors / priors.sum()) - 0.5 * np.einsum("cd,dc->c", means, coefficients)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("factors", [None, np.array([1.0, 1.0, 1.0]), np.array([1.0, 3.0, 0.2])])
@pytest.mark.parametrize("ridge", [1e-3, 1.0, 1e3])
def test_leave_one_out_equals_fitting_again(shape: tuple[int, int], factors: np.ndarray | None, ridge: float) -> None:
    rng = np.random.default_rng(0)
    X, y, weights = rng.normal(size=shape) + 2, np.arange(shape[0]) % 3, rng.uniform(0.3, 2, shape[0])
    found = problem(X, y, weights, factors).loo(ridge, shrinkage=0.25)
    for row in range(shape[0]):
        others = np.arange(shape[0]) != row
        coefficients, intercepts = by_hand(X[others], y[others], weights[others], factors, ridge, 0.25)
        expected = X[row] @ coefficients + intercepts
        scale = max(1.0, np.abs(expected).max())
        assert np.allclose(log_softmax(found[row] / scale), log_softmax(expected / scale), atol=1e-6)


@settings(max_examples=25, deadline=None)
@given(st.integers(6, 30), st.integers(1, 30), st.integers(0, 2**32 - 1))
def test_solution_equals_the_inverse_written_out(n: int, d: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    X, y, weights = rng.normal(size=(n, d)), np.arange(n) % 3, rng.uniform(0.3, 2, n)
    found = problem(X, y, weights, np.ones(3)).solution(0.7, shrinkage=0.4)
    expected = by_hand(X, y, weights, np.ones(3), 0.7, 0.4)
    first, second = (X @ coefficients + intercepts for coefficients, intercepts in (found, expected))
    assert np.allclose(log_softmax(first, axis=1), log_softmax(second, axis=1), atol=1e-6)


def test_trace_within_classes() -> None:
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(20, 6)), np.arange(20) % 4
    expected = sum(((X[y == label] - X[y == label].mean(axis=0)) ** 2).sum() for label in range(4))
    assert problem(X, y, np.ones(20), None).within_trace == pytest.approx(expected)
    assert problem(X[:4], y[:4], np.ones(4), None).within_trace == pytest.approx(((X[:4] - X[:4].mean(0)) ** 2).sum())
    assert problem(np.ones((4, 2)), y[:4], np.ones(4), None).within_trace == 1.0


def test_the_only_row_of_its_class_is_not_judged() -> None:
    y = np.array([0, 0, 1, 2, 2])
    found = problem(np.random.default_rng(0).normal(size=(5, 3)), y, np.ones(5), None)
    assert found.judged.tolist() == [True, True, False, True, True]
    assert np.isfinite(found.loo(1.0, shrinkage=0.5)).all()
