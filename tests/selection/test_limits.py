"""Limits: each refuses what exceeds it, in words."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.backbones.opening import open_backbone
from headstart.errors import DataError
from headstart.selection.limits import Limits, Size, latency_of, size_of


def test_each_limit_refuses_in_words() -> None:
    size = Size(params=5_000_000, bytes=20 * 2**20, latency=0.05)
    assert Limits().refusal(size, "unknown") == ""
    assert (
        Limits(params=5e6, bytes=20 * 2**20, latency=0.05, licenses=("mit", "apache")).refusal(size, "Apache-2.0") == ""
    )
    assert Limits(params=4e6).refusal(size, "") == "parameters: 5.0 million, limit 4.0"
    assert Limits(bytes=2**20).refusal(size, "") == "weights: 20.0 MiB, limit 1.0"
    assert Limits(latency=0.01).refusal(size, "") == "latency: 50.0 ms per sample, limit 10.0"
    assert Limits(latency=0.01).refusal(Size(), "") == ""  # not measured
    assert Limits(licenses=("mit",)).refusal(size, "unknown") == "licence 'unknown' is none of mit"
    with pytest.raises(DataError, match="the limit params=0 lets nothing through"):
        Limits(params=0)


def test_size_and_latency_of_a_network() -> None:
    network = open_backbone("conv?size=16")
    size = size_of(network)
    assert size.params == sum(each.numel() for each in network.module.state_dict().values())
    assert size.bytes > 0
    assert size_of(open_backbone("raw", modality="image")) == Size()
    pictures = [np.zeros((16, 16, 3), dtype=np.uint8)] * 3
    assert 0 < latency_of(network, pictures) < 5
    assert np.isnan(latency_of(network, []))
