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


def test_rows_of_another_domain_do_not_explode_whatever_the_units():
    rng = np.random.default_rng(1)
    source = np.column_stack([rng.normal(0, 1, 500), rng.normal(0, 1e4, 500), np.zeros(500)]).astype(np.float32)
    source[7, 2] = 1e-6  # hardly ever moves, as the corner pixels of digits
    module = Standardise(3)
    module.learn(torch.from_numpy(source))
    foreign = torch.tensor([[0.5, 5e3, 0.8], [0.5, 5e3, -40.0], [1e9, -1e9, 0.0]])
    seen = module(foreign)
    assert seen.abs().max() <= 3
    torch.testing.assert_close(seen[0, :2], torch.tensor([0.5, 0.5]), atol=0.15, rtol=0)  # what is usual stays
    assert seen[2, 0] == 3 and seen[2, 1] == -3  # far out is far out, on the side where it is


def test_a_network_still_tells_foreign_rows_apart_where_a_column_hardly_moved():
    rng = np.random.default_rng(2)
    labels = np.arange(60) % 2
    source = rng.normal(size=(60, 5)).astype(np.float32) + 3 * labels[:, None].astype(np.float32)
    source[:, 4] = 0
    source[3, 4] = 1e-5
    module = open_mlp(inputs=5, width=32).module.eval()
    module.standardise.learn(torch.from_numpy(source))
    foreign = source.copy()
    foreign[:, 4] = rng.normal(size=60)  # says nothing, and would be thousands of standard deviations out
    with torch.no_grad():
        features = module.pool(module.layer1(module.standardise(torch.from_numpy(foreign)))).numpy()
    near = np.linalg.norm(features[:, None] - features[None], axis=2) + np.diag(np.full(60, np.inf))
    assert (labels[near.argmin(axis=1)] == labels).mean() > 0.9


def test_one_learned_row_in_a_hundred_is_outside_and_nothing_before_learning():
    rows = torch.from_numpy(np.random.default_rng(3).normal(5, 4, (1000, 7)).astype(np.float32))
    module = Standardise(7)
    assert not module.outside(1e9 * rows).any()
    module.learn(rows)
    assert module.outside(rows).sum() == 10
    further = rows - module.mean
    expected = (further / rows.std(0, correction=0)).abs().mean(dim=1)
    assert torch.equal(module.outside(rows), expected >= expected.sort().values[-10])
    assert module.outside(rows.mean(dim=0) + 10 * further).float().mean() > 0.99


def test_statistics_are_saved_and_digested_with_the_weights():
    backbone = open_mlp(inputs=3)
    module = open_mlp(inputs=3).module
    module.standardise.learn(torch.randn(9, 3))
    other = backbone.with_module(module, reopens=False)
    assert other.fingerprint != backbone.fingerprint
    assert {"standardise.mean", "standardise.scale", "standardise.limit", "standardise.reach"} <= set(other.state())


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
