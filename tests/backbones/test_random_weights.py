"""The random twin: same architecture and preprocessing, other weights; chance is an argument."""

from __future__ import annotations

import random

import pytest
import torch

from headstart.backbones.opening import open_backbone


@pytest.mark.parametrize("name", ["random/conv?size=8", "random/mlp?inputs=3", "random/sentence/all-MiniLM-L6-v2"])
def test_the_seed_decides(name, minilm):
    one, same, other = (open_backbone(name, seed=seed) for seed in (1, 1, 2))
    assert one.fingerprint == same.fingerprint != other.fingerprint
    assert one.license == "none (random weights)"
    assert open_backbone(one.name, **one.options).fingerprint == one.fingerprint


def test_global_generators_stay_where_they_are():
    before = torch.get_rng_state(), random.getstate()
    open_backbone("random/conv?size=8", seed=5)
    assert torch.equal(torch.get_rng_state(), before[0])
    assert random.getstate() == before[1]


def test_only_the_weights_differ_from_the_network_named(minilm, texts):
    twin = open_backbone("random/sentence/all-MiniLM-L6-v2")
    assert twin.layers == minilm.layers and twin.preparation.describe() == minilm.preparation.describe()
    assert {n: t.shape for n, t in twin.state().items()} == {n: t.shape for n, t in minilm.state().items()}
    assert twin.fingerprint != minilm.fingerprint


def test_where_weights_come_from_does_not_matter(mobilenet):
    name = "random/timm/mobilenetv2_100?input_size=64&pad_type=same&bn_eps=0.001&checkpoint=/nowhere.safetensors"
    assert open_backbone(name).fingerprint == mobilenet.fingerprint
