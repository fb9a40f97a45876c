"""The cosine between two forms of a network, against numpy's own arithmetic."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.backbones.drift import drift_between, row_cosines


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**31), st.floats(1e-3, 1e3))
def test_it_is_the_cosine_and_blind_to_scale(seed, scale):
    a, b = np.random.default_rng(seed).normal(size=(2, 5, 7))
    expected = [x @ y / np.sqrt((x @ x) * (y @ y)) for x, y in zip(a, b, strict=True)]
    found = row_cosines(torch.from_numpy(a), torch.from_numpy(b * scale))
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_rows_without_direction():
    zeros, ones = torch.zeros(1, 3), torch.ones(1, 3)
    assert row_cosines(zeros, zeros) == 1
    assert row_cosines(ones, zeros) == 0
    assert row_cosines(ones, ones * float("nan")) == 0


def test_a_network_does_not_drift_from_itself(tiny, batch):
    found = drift_between(tiny, tiny, [batch[:2], batch[2:]])
    assert found == {layer: {"lowest": 1.0, "mean": 1.0} for layer in tiny.layers}


def test_lowest_and_mean_run_over_all_batches(tiny, make_network, wrap, batch):
    other = wrap(make_network(seed=1))
    found = drift_between(tiny, other, [batch[:2], batch[2:]])
    for layer in tiny.layers:
        a, b = (backbone.embed(batch, [layer])[layer].double().numpy() for backbone in (tiny, other))
        cosines = (a * b).sum(1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)
        np.testing.assert_allclose(
            [found[layer]["lowest"], found[layer]["mean"]], [cosines.min(), cosines.mean()], atol=2e-6
        )
        assert found[layer]["lowest"] < 0.999
