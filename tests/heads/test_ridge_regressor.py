"""The regressor against scikit-learn's ridge and its own leave-one-out search."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import Ridge, RidgeCV

from headstart.errors import DataError
from headstart.heads.ridge_regressor import RidgeRegressor


def values(n: int, d: int, k: int = 2) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(n + d)
    X = rng.normal(size=(n, d))
    return X, X @ rng.normal(size=(d, k)) + rng.normal(size=(n, k)) + 5


@pytest.mark.parametrize("shape", [(40, 6), (25, 60)])
def test_equals_scikit_learn(shape: tuple[int, int]) -> None:
    X, Y = values(*shape)
    weights = np.random.default_rng(0).uniform(0.1, 3, len(X))
    head, peer = RidgeRegressor(ridge=2.5).fit(X, Y, weights), Ridge(alpha=2.5).fit(X, Y, weights)
    assert np.allclose(head.predict(X), peer.predict(X))


@pytest.mark.parametrize("shape", [(40, 6), (25, 60)])
def test_takes_the_penalty_that_scikit_learn_takes(shape: tuple[int, int]) -> None:
    X, Y = values(*shape, k=1)
    head = RidgeRegressor().fit(X, Y[:, 0])
    peer = RidgeCV(alphas=head.path_["ridge"], store_cv_results=True).fit(X, Y[:, 0])
    assert head.ridge_ == pytest.approx(peer.alpha_)
    assert np.allclose(head.path_["squared_error"], peer.cv_results_.mean(axis=0))
    assert np.allclose(head.predict(X), peer.predict(X))


def test_predictions_have_the_shape_of_the_targets() -> None:
    X, Y = values(20, 3)
    assert RidgeRegressor().fit(X, Y).predict(X).shape == (20, 2)
    assert RidgeRegressor().fit(X, Y[:, 0]).predict(X).shape == (20,)
    assert RidgeRegressor().fit(X, Y[:, :1]).predict(X).shape == (20, 1)


def test_says_what_is_wrong() -> None:
    X, Y = values(20, 3)
    with pytest.raises(DataError, match="sample_weight is zero in every row"):
        RidgeRegressor().fit(X, Y, np.zeros(20))
    with pytest.raises(DataError, match="ridge penalties must be positive"):
        RidgeRegressor(ridge=-1).fit(X, Y)
