"""Moments against numpy, in pieces and at once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from headstart.errors import DataError
from headstart.heads import moments
from headstart.heads.moments import Moments


def rows(n: int, d: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)) + 1e3, rng.integers(0, 3, n), rng.uniform(0.2, 3, n)


def assert_equal(first: Moments, second: Moments) -> None:
    assert np.allclose(first.counts, second.counts)
    assert np.allclose(first.means, second.means)
    assert np.allclose(first.scatter, second.scatter, atol=1e-6)


def test_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moments, "BLOCK", 7)
    X, codes, weights = rows(40, 5)
    for given_rows in (X, sparse.csr_matrix(X)):
        found = Moments.of(given_rows, codes, weights, 4, scatter=True)
        assert np.allclose(found.counts, [weights[codes == code].sum() for code in range(4)])
        assert np.allclose(found.means[1], np.average(X[codes == 1], axis=0, weights=weights[codes == 1]))
        assert (found.means[3] == 0).all()
        assert np.allclose(found.mean, np.average(X, axis=0, weights=weights))
        assert np.allclose(found.scatter, np.cov(X.T, aweights=weights, ddof=0) * weights.sum(), atol=1e-6)
        cross = (weights[:, None] * (X - found.mean)).T @ np.eye(4)[codes]
        assert np.allclose(found.class_cross, cross, atol=1e-8)


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 40), st.integers(1, 6), st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_sums_of_parts_are_the_whole(n: int, d: int, n_parts: int, seed: int) -> None:
    X, codes, weights = rows(n, d, seed)
    parts = np.array_split(np.random.default_rng(seed).permutation(n), min(n_parts, n))
    each = [Moments.of(X[part], codes[part], weights[part], 3, scatter=True) for part in parts]
    total = each[0]
    for other in each[1:]:
        total = other + total
    assert_equal(total, Moments.of(X, codes, weights, 3, scatter=True))


def test_spread_makes_room_for_other_classes() -> None:
    X, codes, weights = rows(30, 4)
    narrow = Moments.of(X, codes, weights, 3, scatter=True).spread(np.array([0, 2, 4]), 5)
    assert_equal(narrow, Moments.of(X, np.array([0, 2, 4])[codes], weights, 5, scatter=True))


def test_names_the_memory_it_would_need() -> None:
    wide = sparse.csr_matrix((3, 50_000))
    with pytest.raises(DataError, match="the scatter of 50000 columns needs 19 GiB of memory"):
        Moments.of(wide, np.zeros(3, dtype=int), np.ones(3), 1, scatter=True)
    assert Moments.of(wide, np.zeros(3, dtype=int), np.ones(3), 1, scatter=False).scatter is None
