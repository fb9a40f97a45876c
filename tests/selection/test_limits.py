"""Limits: each refuses what exceeds it, in words."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.backbones.opening import open_backbone
from headstart.errors import DataError
from headstart.selection.limits import Limits, Size, allows, latency_of, size_of


def test_each_limit_refuses_in_words() -> None:
    size = Size(params=5_000_000, bytes=20 * 2**20, latency=0.05)
    assert Limits().refusal(size, "unknown") == ""
    assert (
        Limits(params=5e6, bytes=20 * 2**20, latency=0.05, licenses=("mit", "apache")).refusal(size, "Apache-2.0") == ""
    )
    assert Limits(params=4e6).refusal(size, "") == "5.0 million weights, the limit is 4.0 million weights"
    assert Limits(bytes=2**20).refusal(size, "") == "21.0 MB of weights, the limit is 1.0 MB of weights"
    assert Limits(latency=0.01).refusal(size, "") == "50.0 ms a sample, the limit is 10.0 ms a sample"
    assert Limits(latency=0.01).refusal(Size(), "") == ""  # not measured
    assert Limits(licenses=("mit",)).refusal(size, "unknown") == "licence 'unknown' matches none of mit"
    assert Limits(licenses=("mit",)).refusal(Size(), "GPL-3.0") == ""  # no weights, no terms
    with pytest.raises(DataError, match="the limit params=0 lets nothing through"):
        Limits(params=0)


@pytest.mark.parametrize(
    ("pattern", "license", "allowed"),
    [
        ("apache", "Apache-2.0", True), ("apache-2.0", "Apache-2.0", True), ("apache*", "apache-2.0", True),
        ("mit", "MIT", True), ("bsd", "bsd-3-clause", True), ("gpl", "AGPL-3.0", False), ("gpl", "gpl-3.0", True),
        ("cc-by", "cc-by-4.0", True), ("cc-by", "cc-by-nc-4.0", False), ("cc-by*", "cc-by-nc-4.0", True),
        ("cc0", "cc0-1.0", True), ("mit", "unknown", False), ("mit", "", False), ("*", "", True), ("it", "mit", False),
        ("mit", "none (random weights)", True), ("mit", "own (trained here)", True), ("mit", "non-commercial", False),
    ],
)  # fmt: skip
def test_licences(pattern: str, license: str, allowed: bool) -> None:
    assert allows(pattern, license) is allowed


def test_size_and_latency_of_a_network() -> None:
    network = open_backbone("conv?size=16")
    size = size_of(network)
    assert size.params == sum(each.numel() for each in network.module.state_dict().values())
    assert size.bytes > 0
    assert size_of(open_backbone("raw", modality="image")) == Size()
    pictures = [np.zeros((16, 16, 3), dtype=np.uint8)] * 3
    assert 0 < latency_of(network, pictures) < 5
    assert np.isnan(latency_of(network, []))
