"""Ridge against scikit-learn's, and its path against fitting without each row."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from sklearn.linear_model import Ridge as Peer
from sklearn.linear_model import RidgeClassifier

from headstart.errors import DataError
from headstart.heads.ridge import Ridge

Builder = Callable[..., tuple[np.ndarray, np.ndarray]]
SHAPES = [(40, 6), (30, 80), (31, 30)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("ridge", [0.01, 1.0, 300.0])
@pytest.mark.parametrize("class_weight", [None, "balanced"])
def test_equals_scikit_learn(shape: tuple[int, int], ridge: float, class_weight: str | None, world: Builder) -> None:
    X, y = world(*shape, 3, apart=1.5)
    head = Ridge(ridge=ridge, class_weight=class_weight).fit(X, y)
    peer = RidgeClassifier(alpha=ridge, class_weight=class_weight, solver="cholesky").fit(X, y)
    scores = X @ head.coef_ + head.intercept_
    assert np.allclose(2 * scores - 1, peer.decision_function(X), atol=1e-7)  # one-hot here, -1 and 1 there
    assert np.array_equal(head.predict(X), peer.predict(X))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("class_weight", [None, "balanced"])
def test_the_path_is_that_of_fitting_without_each_row(
    shape: tuple[int, int], class_weight: str | None, world: Builder
) -> None:
    n = shape[0]
    X, y = world(*shape, 3, apart=1.5, counts=[n - 12, 8, 4])
    weights = np.random.default_rng(0).uniform(0.5, 2, n)
    head = Ridge(class_weight=class_weight).fit(X, y, weights)
    if class_weight:
        totals = np.bincount(y, weights)
        weights = weights / totals[y]
        weights *= n and head._statistics.weights.sum() / weights.sum()
    Y, rows = np.eye(3)[y], np.arange(n)
    for step in (2, 8, 14):
        alpha = head.path_["ridge"][step]
        left = np.array(
            [Peer(alpha=alpha).fit(X[rows != i], Y[rows != i], weights[rows != i]).predict(X[[i]])[0] for i in rows]
        )
        share = weights / weights.sum()
        assert head.path_["accuracy"][step] == pytest.approx(share @ (left.argmax(axis=1) == y))
        assert head.path_["squared_error"][step] == pytest.approx(share @ ((left - Y) ** 2).sum(axis=1))


def test_takes_the_most_accurate_and_among_those_the_least_error(world: Builder) -> None:
    X, y = world(60, 10, 3, apart=3.0)
    head = Ridge().fit(X, y)
    path = head.path_
    tied = path["accuracy"] >= path["accuracy"].max() - 1e-12
    assert tied.sum() > 1
    chosen = np.flatnonzero(path["ridge"] == head.ridge_)[0]
    assert tied[chosen]
    assert path["squared_error"][chosen] == path["squared_error"][tied].min()
    assert head.loo_accuracy_ == path["accuracy"].max()


def test_leave_one_out_predicts_held_out_accuracy(world: Builder) -> None:
    X, y = world(3120, 40, 4, apart=2.0)
    head = Ridge().fit(X[:120], y[:120])
    assert abs(head.loo_accuracy_ - (head.predict(X[120:]) == y[120:]).mean()) < 0.12


def test_scale_of_the_features_does_not_matter(world: Builder) -> None:
    X, y = world(50, 12, 3, apart=1.5)
    assert np.allclose(Ridge().fit(X, y).predict_proba(X), Ridge().fit(1e6 * X, y).predict_proba(1e6 * X))


def test_says_what_is_wrong(world: Builder) -> None:
    X, y = world(10, 3, 2)
    with pytest.raises(DataError, match=r"ridge penalties must be positive and finite, got \[0\.0\]"):
        Ridge(ridge=0.0).fit(X, y)
    with pytest.raises(DataError, match="ridge penalties must be positive"):
        Ridge(steps=(1.0, -1.0)).fit(X, y)
