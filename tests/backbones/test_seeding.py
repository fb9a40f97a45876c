"""Weights from a seed, even when several threads build networks at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import torch
from torch import nn

from headstart.backbones.seeding import seeded


def build(seed):
    with seeded(seed):
        return nn.Linear(50, 50).weight.detach().clone()


def test_threads_do_not_mix_their_draws():
    alone = [build(seed) for seed in range(6)]
    with ThreadPoolExecutor(6) as pool:
        together = list(pool.map(build, range(6)))
    assert all(torch.equal(one, two) for one, two in zip(alone, together, strict=True))
    assert not torch.equal(alone[0], alone[1])
