"""Hooks: each thread hears its own pass, and nothing stays behind."""

from __future__ import annotations

import copy
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from torch import nn

from headstart.backbones.capture import capture


def test_threads_hear_their_own_pass():
    network = nn.Sequential(nn.Linear(3, 50), nn.ReLU(), nn.Linear(50, 50), nn.ReLU(), nn.Linear(50, 2))
    paths = {"low": "1", "high": "3"}
    batches = [torch.randn(4, 3, generator=torch.Generator().manual_seed(seed)) for seed in range(64)]

    def hear(batch):
        with torch.inference_mode():
            return capture(network, paths, batch, take=torch.clone)

    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(hear, batches))
    for batch, found in zip(batches, together, strict=True):
        alone = hear(batch)
        assert all(torch.equal(found[layer], alone[layer]) for layer in paths)


def test_a_copy_made_during_a_pass_does_not_listen():
    network = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 2))
    copies = []

    def take(output):
        copies.append(copy.deepcopy(network))
        return output.clone()

    found = capture(network, {"low": "0"}, torch.randn(2, 3), take=take)
    kept = found["low"].clone()
    assert copies[0](torch.randn(5, 3)).shape == (5, 2)  # runs to its end
    assert torch.equal(found["low"], kept) and len(copies) == 1


def test_hooks_go_away_even_when_the_pass_fails():
    network = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))
    with pytest.raises(RuntimeError):
        capture(network, {"low": "0"}, torch.randn(2, 7), take=torch.clone)
    assert not network[0]._forward_hooks
    capture(network, {"low": "0"}, torch.randn(2, 3), take=torch.clone)
    assert not network[0]._forward_hooks
