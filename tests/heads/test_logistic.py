"""Multinomial regression against scikit-learn's optimum."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from headstart.heads.logistic import Logistic, cross_entropy

Builder = Callable[..., tuple[np.ndarray, np.ndarray]]


@pytest.mark.parametrize("shape", [(60, 6), (30, 70)])
@pytest.mark.parametrize("C", [0.01, 1.0])
@pytest.mark.parametrize("class_weight", [None, "balanced"])
@pytest.mark.parametrize("make", [np.asarray, sparse.csr_matrix])
def test_equals_scikit_learn(
    shape: tuple[int, int], C: float, class_weight: str | None, make: Callable[..., object], world: Builder
) -> None:
    X, y = world(*shape, 3, apart=1.5, counts=[shape[0] - 12, 8, 4])
    weights = np.random.default_rng(0).uniform(0.5, 2, shape[0])
    if class_weight:
        weights = weights / np.bincount(y, weights)[y] * weights.sum() / 3  # by the weights, not by the rows
    head = Logistic(C=C, tolerance=1e-15).fit(make(X), y, weights)
    peer = LogisticRegression(C=C, tol=1e-10, max_iter=10_000).fit(X, y, weights)
    assert np.allclose(head.coef_, peer.coef_.T, atol=1e-4)
    assert np.allclose(head.intercept_ - head.intercept_.mean(), peer.intercept_ - peer.intercept_.mean(), atol=1e-3)


def test_balanced_is_scikit_learns_balanced(world: Builder) -> None:
    X, y = world(60, 6, 3, apart=1.5, counts=[45, 10, 5])
    head = Logistic(C=0.5, tolerance=1e-15, class_weight="balanced").fit(X, y)
    peer = LogisticRegression(C=0.5, tol=1e-10, max_iter=10_000, class_weight="balanced").fit(X, y)
    assert np.allclose(head.coef_, peer.coef_.T, atol=1e-4)


def test_two_classes_share_one_penalty(world: Builder) -> None:
    """Two weight vectors w/2 and -w/2 cost half of one w: the same model as scikit-learn's at twice the C."""
    X, y = world(50, 5, 2, apart=1.5)
    head = Logistic(C=2.0, tolerance=1e-15).fit(X, y)
    peer = LogisticRegression(C=4.0, tol=1e-10, max_iter=10_000).fit(X, y)
    assert np.allclose(head.coef_[:, 1] - head.coef_[:, 0], peer.coef_[0], atol=1e-4)


def test_loss_is_stable_for_large_scores() -> None:
    values, slopes = cross_entropy(np.array([[1e4, 0.0], [0.0, 1e4]]), np.array([0, 0]))
    assert values.tolist() == [0, 1e4]
    assert slopes.tolist() == [[0, 0], [-1, 1]]
