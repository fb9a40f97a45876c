"""A small task and a small network that has everything that can go wrong: BatchNorm, dropout, unequal last batch."""

from __future__ import annotations

import tempfile

import pytest
import torch
from torch import nn

from headstart.training.batches import Batches
from headstart.training.chance import chance


def small_network(seed: int = 0) -> nn.Module:
    with chance(seed):
        return nn.Sequential(nn.Linear(6, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 3))


def small_batches(seed: int = 0) -> Batches:
    inputs = torch.randn(50, 6, generator=torch.Generator().manual_seed(1))
    return Batches(inputs, {"labels": inputs[:, :3].argmax(dim=1)}, size=16, seed=seed)


@pytest.fixture
def network() -> nn.Module:
    return small_network()


@pytest.fixture
def batches() -> Batches:
    return small_batches()


@pytest.fixture(autouse=True)
def own_temporary_files(tmp_path, monkeypatch):
    """Batches that broke a run are kept for inspection: here, not in the system's folder."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
