"""The optimal map between Gaussians: it transports, it is symmetric, and no other map that transports costs less."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import sqrtm
from scipy.stats import ortho_group

from headstart.adaptation.feature.linear_map import LinearMap, joint_basis, optimal_map
from headstart.adaptation.feature.spread import Spread
from headstart.heads.lda import LDA

from ..worlds import moved, same


def covariances(d: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(d)
    first, second = rng.normal(size=(2, d, 2 * d))
    return first @ first.T, second @ second.T


@pytest.mark.parametrize("d", [1, 3, 6])
def test_it_transports_and_costs_least(d: int) -> None:
    Cs, Ct = covariances(d)
    A = optimal_map(Cs, Ct)
    np.testing.assert_allclose(A, A.T, atol=1e-9)
    np.testing.assert_allclose(A @ Cs @ A, Ct, atol=1e-7)
    cost = np.trace(Cs) + np.trace(Ct) - 2 * np.trace(A @ Cs)
    bures = np.trace(Cs) + np.trace(Ct) - 2 * np.trace(np.real(sqrtm(sqrtm(Cs) @ Ct @ sqrtm(Cs))))
    assert cost == pytest.approx(bures, rel=1e-6)
    for seed in range(5 if d > 1 else 0):  # any other map with the same image turns in between
        turn = ortho_group.rvs(d, random_state=seed)
        other = np.real(sqrtm(Ct)) @ turn @ np.linalg.inv(np.real(sqrtm(Cs)))
        assert np.trace(Cs) + np.trace(Ct) - 2 * np.trace(other @ Cs) >= cost - 1e-6


def test_fewer_rows_than_columns_give_what_the_full_matrices_give() -> None:
    rng = np.random.default_rng(0)
    Xs, Xt = rng.normal(size=(6, 30)), 3 * rng.normal(size=(7, 30)) + 1
    adapter = LinearMap(ridge=0.5, head=LDA()).fit(Xs, np.arange(6) % 2, Xt)
    ridge = 0.5 * (Xs.var(axis=0).mean() + Xt.var(axis=0).mean()) / 2
    full = optimal_map(*(np.cov(X.T, bias=True) + ridge * np.eye(30) for X in (Xs, Xt)))
    np.testing.assert_allclose(adapter.transform_source(Xs), (Xs - Xs.mean(axis=0)) @ full, atol=1e-7)


def test_equal_domains_stay_and_moved_ones_meet() -> None:
    pair = same()
    adapter = LinearMap(head=LDA()).fit(pair.Xs, pair.ys, pair.Xs)
    np.testing.assert_allclose(adapter.transform_source(pair.Xs), adapter.transform(pair.Xs), atol=1e-8)
    pair = moved(300)
    adapter = LinearMap(ridge=1e-9, head=LDA()).fit(pair.Xs, pair.ys, pair.Xt)
    np.testing.assert_allclose(np.cov(adapter.transform_source(pair.Xs).T), np.cov(pair.Xt.T), rtol=1e-5, atol=1e-5)


def test_the_basis_spans_both() -> None:
    rng = np.random.default_rng(0)
    source, target = Spread.of(rng.normal(size=(4, 20))), Spread.of(rng.normal(size=(5, 20)))
    basis = joint_basis(source, target)
    np.testing.assert_allclose(basis.T @ basis, np.eye(basis.shape[1]), atol=1e-12)
    for spread in (source, target):
        np.testing.assert_allclose(basis @ (basis.T @ spread.directions), spread.directions, atol=1e-9)
