"""Mixture proportions against a general solver, and the bound on what is left."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import softmax

from headstart.stats.mixture import mixture_proportions


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(5, 60), k=st.integers(2, 5))
def test_no_general_solver_finds_more(seed: int, n: int, k: int) -> None:
    densities = np.random.default_rng(seed).gamma(0.5, size=(n, k)) + 1e-6

    def loss(free: np.ndarray) -> float:
        return -float(np.log(densities @ softmax(free)).mean())

    found = mixture_proportions(densities, tolerance=1e-7, max_iter=20_000)
    best = min(minimize(loss, start).fun for start in (np.zeros(k), np.random.default_rng(1).normal(size=k)))
    reached = -np.log(densities @ found.shares).mean()
    assert found.gap <= 1e-7
    assert found.shares.sum() == pytest.approx(1)
    assert reached <= best + 1e-6


def test_the_gap_bounds_what_is_missing() -> None:
    densities = np.random.default_rng(0).gamma(0.5, size=(200, 6)) + 1e-9
    best = mixture_proportions(densities, tolerance=1e-9, max_iter=50_000)
    early = mixture_proportions(densities, max_iter=1)
    missing = np.log(densities @ best.shares).mean() - np.log(densities @ early.shares).mean()
    assert 0 < missing <= early.gap


def test_the_unit_of_a_row_means_nothing() -> None:
    densities = np.random.default_rng(0).gamma(1.0, size=(50, 3))
    scaled = densities * np.random.default_rng(1).uniform(1e-6, 1e6, size=(50, 1))
    np.testing.assert_allclose(mixture_proportions(densities).shares, mixture_proportions(scaled).shares, atol=1e-4)
