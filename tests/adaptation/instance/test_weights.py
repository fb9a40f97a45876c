"""What weights are worth, and how far they are flattened."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.adaptation.instance.weights import effective_rows, flattening


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 1000), scale=st.floats(1e-6, 1e6))
def test_worth_lies_between_one_and_all_and_has_no_unit(seed: int, scale: float) -> None:
    weights = np.random.default_rng(seed).gamma(0.1, size=30) + 1e-12
    assert 1 - 1e-9 <= effective_rows(weights) <= 30 + 1e-9
    assert effective_rows(scale * weights) == pytest.approx(effective_rows(weights))


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 1000), least=st.floats(2, 25))
def test_flattened_weights_are_worth_what_was_asked(seed: int, least: float) -> None:
    weights = np.random.default_rng(seed).gamma(0.3, size=30) + 1e-9
    exponent = flattening(weights, least)
    assert 0 <= exponent <= 1
    if exponent < 1:
        assert effective_rows((weights / weights.max()) ** exponent) == pytest.approx(least, rel=1e-3)
    else:
        assert effective_rows(weights) >= least


def test_nothing_to_flatten() -> None:
    assert effective_rows(np.zeros(3)) == 0
    assert flattening(np.zeros(3), 2) == 0
    assert flattening(np.array([1.0, 0.0, 0.0, 0.0]), 2) == 0  # zeros stay zeros under any positive power
