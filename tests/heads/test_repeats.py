"""Repeats against counting by hand."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.heads.repeats import Repeats


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 30), st.integers(2, 5), st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_every_row_once_per_repeat(n: int, n_classes: int, n_repeats: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, n_classes, n)
    repeats, proba, right = Repeats(n, n_classes), np.zeros((n, n_classes)), np.zeros((n_repeats, n))
    for at in range(n_repeats):
        for rows in np.array_split(rng.permutation(n), min(n, 3)):
            given_proba = rng.dirichlet(np.ones(n_classes), len(rows))
            repeats.add(rows, given_proba, labels[rows])
            proba[rows] += given_proba / n_repeats
            right[at, rows] = given_proba.argmax(1) == labels[rows]
    assert np.allclose(repeats.mean_proba, proba)
    assert np.array_equal(repeats.right, right)
    assert np.allclose(repeats.correct, right.mean(axis=0))


def test_rows_never_scored_are_nan() -> None:
    repeats = Repeats(4, 2)
    repeats.add(np.array([1, 3]), np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([0, 0]))
    assert np.isnan(repeats.mean_proba[[0, 2]]).all()
    assert np.array_equal(repeats.right, [[np.nan, 1, np.nan, 0]], equal_nan=True)
    assert repeats.scored.tolist() == [1, 3]
    assert repeats.correct.tolist() == [1, 0]
