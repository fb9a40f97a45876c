"""What a strategy would cost."""

from __future__ import annotations

import pytest

from headstart.backbones.mlp import open_mlp
from headstart.backbones.opening import open_backbone
from headstart.data.reading import read
from headstart.planning.costs import NOTHING, Cost, activations_of, measure

from .worlds import blobs

COST = Cost(prepare=1.0, forward=10.0, below={"a": 6.0}, latency=12.0, parameters=100, activations=1000)


def test_training_passes_the_frozen_part_once() -> None:
    assert COST.extraction(5) == 55.0
    whole = COST.training(7, updates=4, batch=2, fits=3)
    assert whole == 7 * 1.0 + 3 * 4 * 2 * 30.0
    upper = COST.training(7, updates=4, batch=2, fits=3, boundary="a")
    assert upper == 7 * 7.0 + 3 * 4 * 2 * 12.0


def test_memory_grows_with_what_moves() -> None:
    assert COST.memory(batch=2, moving=1.0) == 4 * 100 * 4 + 2000
    assert COST.memory(batch=2) < COST.memory(batch=2, moving=0.5) < COST.memory(batch=2, moving=1.0)


def test_a_network_is_measured() -> None:
    data = blobs(20)
    network = open_mlp(inputs=6, width=10)
    found = measure(network, data, below=["layer1"])
    assert found.parameters == sum(p.numel() for p in network.module.parameters()) + 14  # and its standardisation
    assert min(found.prepare, found.forward, found.latency) > 0
    assert set(found.below) == {"layer1"}
    network.check_unmoved()


def test_activations_are_counted_by_hand() -> None:
    network = open_mlp(inputs=6, width=10, classes=3)
    sample = [network.prepare(blobs(2).items[0])]
    assert activations_of(network, sample) == 4 * (6 + 10 + 10 + 10 + 10 + 3)
    raw = open_backbone("raw", modality="vector")
    assert activations_of(raw, sample) == 0
    assert measure(raw, blobs(5)).parameters == pytest.approx(0)


def test_what_must_learn_first_is_not_timed() -> None:
    assert measure(open_backbone("tfidf"), read(["one text", "another"])) == NOTHING
