"""Shrinkage LDA against scikit-learn's."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.special import log_softmax
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from headstart.errors import DataError
from headstart.heads.lda import LDA

Builder = Callable[..., tuple[np.ndarray, np.ndarray]]


@pytest.mark.parametrize("shape", [(60, 5), (30, 70)])
@pytest.mark.parametrize("shrinkage", [0.05, 0.5, 0.95])
@pytest.mark.parametrize("class_weight", [None, "balanced"])
def test_equals_scikit_learn(
    shape: tuple[int, int], shrinkage: float, class_weight: str | None, world: Builder
) -> None:
    X, y = world(*shape, 3, apart=1.5, counts=[shape[0] - 15, 9, 6])
    priors = np.full(3, 1 / 3) if class_weight else None
    # scikit-learn weighs class covariances by the priors, here they are pooled: alike where the priors are the shares
    weights = None if priors is None else 1 / np.bincount(y)[y]
    head = LDA(shrinkage=shrinkage, class_weight=class_weight).fit(X, y, weights)
    peer = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=shrinkage, priors=priors).fit(X, y)
    scores = X @ head.coef_ + head.intercept_
    scale = max(1.0, np.abs(scores).max() / 20) if weights is None else 1.0
    expected = peer.decision_function(X)
    assert np.allclose(log_softmax(scores / scale, axis=1), log_softmax(expected / scale, axis=1), atol=1e-5)


def test_takes_the_most_accurate_and_among_those_the_least_log_loss(world: Builder) -> None:
    X, y = world(60, 10, 3, apart=2.5)
    head = LDA().fit(X, y)
    tied = head.path_["accuracy"] >= head.path_["accuracy"].max() - 1e-12
    assert head.shrinkage_ == head.path_["shrinkage"][tied][head.path_["log_loss"][tied].argmin()]


def test_knows_which_directions_are_noisy(world: Builder) -> None:
    """Where one direction is loud and empty, a covariance helps and a class mean alone does not."""
    from headstart.heads.prototype import Prototype

    X, y = world(400, 6, 2, apart=3.0)
    X = np.hstack([X, 200 * np.random.default_rng(0).normal(size=(400, 1))])
    lda, nearest = LDA().fit(X[:200], y[:200]), Prototype().fit(X[:200], y[:200])
    assert (lda.predict(X[200:]) == y[200:]).mean() > 0.9
    assert (nearest.predict(X[200:]) == y[200:]).mean() < 0.75


def test_one_row_per_class_is_the_nearest_row(world: Builder) -> None:
    X, y = world(5, 30, 5)
    T, _ = world(50, 30, 5)
    head = LDA().fit(X, y)
    nearest = ((T[:, None] - X) ** 2).sum(axis=2).argmin(axis=1)
    assert np.array_equal(head.predict(T), y[nearest])
    assert head.loo_accuracy_ == 0


def test_says_what_is_wrong(world: Builder) -> None:
    X, y = world(10, 3, 2)
    for shrinkage in (0.0, 1.0, -1.0):
        with pytest.raises(DataError, match="shrinkage must lie strictly between 0 and 1"):
            LDA(shrinkage=shrinkage).fit(X, y)
