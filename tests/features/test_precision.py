"""Half precision only where it costs no more than its own rounding."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from headstart.features.precision import by_precision, fits_half

SINGLES = st.floats(-(2.0**100), 2.0**100, width=32)


@settings(max_examples=30, deadline=None)
@given(arrays(np.float32, st.tuples(st.integers(1, 8), st.integers(1, 5)), elements=SINGLES))
def test_every_row_is_kept_once_within_one_rounding(X):
    kept = np.full(X.shape, np.nan, dtype=np.float64)
    for rows, values in by_precision(X, "float16"):
        assert np.isnan(kept[rows]).all()
        kept[rows] = values
    largest = np.abs(X.astype(np.float64)).max(axis=1, keepdims=True)
    assert (np.abs(kept - X) <= largest * 2.0**-11).all()


def test_a_row_is_judged_by_itself():
    X = np.array([[1, 1e5], [1, 2], [1e-6, 0], [0, 0]], dtype=np.float32)
    np.testing.assert_array_equal(fits_half(X), [False, True, False, True])
    for row in range(4):
        assert fits_half(X[[row]])[0] == fits_half(X)[row]


def test_single_precision_is_left_alone():
    X = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)
    [(rows, values)] = by_precision(X, "float32")
    np.testing.assert_array_equal(rows, np.arange(4))
    assert values.dtype == np.float32
    np.testing.assert_array_equal(values, X)
