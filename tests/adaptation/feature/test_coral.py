"""The identity CORAL promises: source rows take the target's covariance and mean."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import sqrtm

from headstart.adaptation.feature.coral import Coral, absolute_ridge, recoloured
from headstart.adaptation.feature.spread import Spread
from headstart.errors import DataError
from headstart.heads.lda import LDA

from ..worlds import moved, same


def test_covariances_coincide() -> None:
    pair = moved(400)
    adapter = Coral(ridge=1e-9, head=LDA()).fit(pair.Xs, pair.ys, pair.Xt)
    mapped = adapter.transform_source(pair.Xs)
    np.testing.assert_allclose(np.cov(mapped.T), np.cov(pair.Xt.T), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(mapped.mean(axis=0), adapter.transform(pair.Xt).mean(axis=0), atol=1e-9)


@pytest.mark.parametrize(("n", "d"), [(30, 5), (8, 12)])
def test_the_map_is_algorithm_one(n: int, d: int) -> None:
    rng = np.random.default_rng(0)
    Xs, Xt = rng.normal(size=(n, d)), 2 * rng.normal(size=(n, d)) @ rng.normal(size=(d, d))
    Cs, Ct = (np.cov(X.T, bias=True) + 0.5 * np.eye(d) for X in (Xs, Xt))
    expected = (Xs - Xs.mean(axis=0)) @ np.linalg.inv(np.real(sqrtm(Cs))) @ np.real(sqrtm(Ct))
    found = recoloured(Xs - Xs.mean(axis=0), Spread.of(Xs), Spread.of(Xt), ridge=0.5)
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_equal_domains_stay_as_they_are() -> None:
    pair = same()
    adapter = Coral(head=LDA()).fit(pair.Xs, pair.ys, pair.Xs)
    np.testing.assert_allclose(adapter.transform_source(pair.Xs), adapter.transform(pair.Xs), atol=1e-9)


def test_the_ridge_is_in_units_of_the_data() -> None:
    X = np.random.default_rng(0).normal(size=(20, 3))
    spread, scaled = Spread.of(X), Spread.of(10 * X)
    assert absolute_ridge(1.0, scaled, scaled) == pytest.approx(100 * absolute_ridge(1.0, spread, spread))
    constant = Spread.of(np.ones((4, 3)))
    assert absolute_ridge(1.0, constant, constant) == 1.0
    with pytest.raises(DataError, match="ridge must be positive"):
        absolute_ridge(0.0, spread, spread)
