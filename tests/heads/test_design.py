"""Designs say the same as the rows they stand for."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import sparse

from headstart.heads.design import Design
from headstart.heads.statistics import Statistics


@pytest.mark.parametrize("shape", [(40, 6), (12, 50)])
@pytest.mark.parametrize("make", [np.asarray, sparse.csr_matrix])
def test_weights_found_on_it_give_the_same_scores(shape: tuple[int, int], make: Callable[..., object]) -> None:
    rng = np.random.default_rng(0)
    X, weights = rng.normal(size=shape) * 7 + 2, rng.uniform(0.5, 2, shape[0])
    design = Design.of(Statistics.of(make(X), np.arange(shape[0]) % 2, weights))
    W, b = rng.normal(size=(design.Z.shape[1], 3)), rng.normal(size=3)
    coef, intercept = design.original(W, b)
    assert np.allclose(np.asarray(design.Z @ W) + b, X @ coef + intercept)


@pytest.mark.parametrize("shape", [(40, 6), (12, 50)])
def test_scale_is_the_mean_eigenvalue_dense_or_sparse_with_idle_columns_or_not(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    X, y, weights = rng.normal(size=shape) * 7 + 2, np.arange(shape[0]) % 2, rng.uniform(0.5, 2, shape[0])
    centred = np.sqrt(weights)[:, None] * (X - np.average(X, axis=0, weights=weights))
    expected = (centred**2).sum() / min(shape[0] - 1, shape[1])
    padded = np.hstack([X, np.full((shape[0], 3), 4.0)])
    for rows in (X, sparse.csr_matrix(X), padded):
        design = Design.of(Statistics.of(rows, y, weights))
        assert design.scale == pytest.approx(expected)
        assert design.spread == pytest.approx(np.sqrt(expected / weights.sum()))
        assert design.row * design.scale == pytest.approx((centred**2).sum() / weights.sum())


def test_far_fewer_rows_than_columns_need_no_more_columns_than_rows() -> None:
    X = np.random.default_rng(0).normal(size=(10, 400))
    assert Design.of(Statistics.of(X, np.arange(10) % 2)).Z.shape == (10, 9)
    assert Design.of(Statistics.of(np.ones((4, 3)), np.arange(4) % 2)).scale == 1.0
