"""The small fully connected network and the standardisation inside it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.preprocessing import StandardScaler

from headstart.backbones.mlp import Standardise, open_mlp
from headstart.errors import BackboneError


@pytest.mark.parametrize("shape", [(20, 3), (2, 6)])
def test_standardising_equals_scikit_learn(shape):
    rows = np.random.default_rng(0).normal(5, 3, shape).astype(np.float32)
    rows[:, 0] = 4.0  # a constant column
    module = Standardise(shape[1])
    torch.testing.assert_close(module(torch.from_numpy(rows)), torch.from_numpy(rows))  # identity before it learns
    module.learn(torch.from_numpy(rows))
    np.testing.assert_allclose(module(torch.from_numpy(rows)), StandardScaler().fit_transform(rows), atol=1e-4)


def test_statistics_are_saved_and_digested_with_the_weights():
    backbone = open_mlp(inputs=3)
    module = open_mlp(inputs=3).module
    module.standardise.learn(torch.randn(9, 3))
    other = backbone.with_module(module, reopens=False)
    assert other.fingerprint != backbone.fingerprint
    assert {"standardise.mean", "standardise.scale"} <= set(other.state())


@pytest.mark.parametrize("depth", [1, 2, 4])
def test_layers(depth):
    backbone = open_mlp(inputs=3, depth=depth, width=5, classes=7)
    assert backbone.layers == (*(f"layer{number}" for number in range(1, depth)), "pool")
    assert all(rows.shape == (2, 5) for rows in backbone.embed(torch.randn(2, 3), backbone.layers).values())
    assert backbone.module(torch.randn(2, 3)).shape == (2, 7)


@pytest.mark.parametrize("options", [{"inputs": 0}, {"inputs": 3, "depth": 0}, {"inputs": 3, "classes": 0}])
def test_impossible_options_are_refused(options):
    with pytest.raises(BackboneError, match="from 1 up"):
        open_mlp(**options)
