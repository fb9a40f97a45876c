"""Potentials of groups against Sinkhorn's scaling of the same small matrix, and where scaling would never end."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.stats.shared_scaling import group_potentials
from headstart.stats.sinkhorn import sinkhorn


@given(st.integers(0, 10_000), st.integers(1, 6), st.integers(1, 9), st.floats(0.1, 100.0))
@settings(max_examples=50, deadline=None)
def test_sums_are_as_asked(seed: int, k: int, m: int, spread: float) -> None:
    rng = np.random.default_rng(seed)
    a, b = rng.dirichlet(np.ones(k)) + 1e-3, rng.dirichlet(np.ones(m)) + 1e-3
    a, b = a / a.sum(), b / b.sum()
    logs = spread * rng.normal(size=(k, m))
    t, s = group_potentials(logs, a, b, tolerance=1e-9, max_iter=1000)
    mass = np.exp(t[:, None] + s + logs)
    np.testing.assert_allclose(mass.sum(axis=0), b, rtol=1e-9)
    assert np.abs(mass.sum(axis=1) - a).sum() <= 2e-9


def test_scaling_in_turn_comes_to_the_same() -> None:
    rng = np.random.default_rng(0)
    a, b, cost = rng.dirichlet(np.ones(4)), rng.dirichlet(np.ones(7)), rng.random((4, 7))
    t, s = group_potentials(-cost / 0.1, a, b, tolerance=1e-12)
    wanted = sinkhorn(cost, a, b, reg=0.1, tolerance=1e-12, max_iter=100_000).matrix
    np.testing.assert_allclose(np.exp(t[:, None] + s - cost / 0.1), wanted, atol=1e-11)


def test_groups_that_hardly_share_columns() -> None:
    """Each finds its own columns e^60 times better than the others', and two have too much for theirs."""
    logs, a, b = -60 * (1 - np.eye(3)), np.array([0.5, 0.3, 0.2]), np.full(3, 1 / 3)
    t, s = group_potentials(logs, a, b, tolerance=1e-10)
    mass = np.exp(t[:, None] + s + logs)
    np.testing.assert_allclose(mass.sum(axis=1), a, atol=1e-10)
    np.testing.assert_allclose(mass.sum(axis=0), b, atol=1e-10)


@pytest.mark.parametrize("place", [0, (slice(None), 0)])
def test_a_group_or_column_that_nothing_reaches(place: object) -> None:
    logs = np.zeros((3, 4))
    logs[place] = -np.inf
    t, s = group_potentials(logs, np.full(3, 1 / 3), np.full(4, 0.25), tolerance=1e-9)
    assert np.isnan(t).all()
    assert np.isnan(s).all()
