"""The probes on small worlds whose answers are known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from headstart.backbones.mlp import open_mlp
from headstart.features.store import Store
from headstart.planning.costs import measure
from headstart.planning.probing import Sight, above, probe_frozen, probe_raw, probe_scratch, probe_tangent
from headstart.planning.rows import probe_rows
from headstart.problem import Domain
from headstart.selection.tangent import tangents
from headstart.strategies.learner import Prepared
from headstart.strategies.scratch import Scratch

from .worlds import blobs, ground_of


@pytest.fixture
def sight(tmp_path: Path) -> Sight:
    ground = ground_of(blobs(160, classes=3, apart=6.0))
    return Sight(ground, probe_rows(ground), Store(tmp_path))


def test_every_layer_is_judged_and_all_together(sight: Sight) -> None:
    network = open_mlp(inputs=6, width=16)
    found = probe_frozen(sight, network, measure(network, sight.ground.dataset))
    assert [each.option.layers for each in found.foretold] == [("layer1",), ("pool",), ("layer1", "pool")]
    assert [point.layer for point in found.profile] == ["layer1", "pool"]
    assert all(each.accuracy > 0.9 for each in found.foretold)
    assert all(len(each.correct) == len(sight.rows) for each in found.foretold if each.correct is not None)
    assert sight.passes["features"] == len(sight.rows)
    one = probe_frozen(sight, network, measure(network, sight.ground.dataset), layers=["layer1"])
    assert [each.option.layers for each in one.foretold] == [("layer1",)]


def test_the_raw_input_is_a_strategy(sight: Sight) -> None:
    found, X = probe_raw(sight)
    assert found.option.strategy == "target only"
    assert X.shape == (len(sight.rows), 6)
    assert found.accuracy > 0.9


def test_learning_from_nothing_is_foretold_or_declined(sight: Sight) -> None:
    easy, saw = probe_scratch(sight, Scratch(sight.ground.dataset))
    assert easy.option.evidence == "tangent kernel"
    assert easy.accuracy > 0.9
    assert "untrained" in saw
    hard = ground_of(blobs(160, classes=3, apart=0.3))
    declined, saw = probe_scratch(Sight(hard, probe_rows(hard), sight.store), Scratch(hard.dataset))
    assert not declined.known
    assert "abstains: R²" in declined.option.abstained
    assert declined.correct is not None


def test_fine_tuning_is_foretold_above_each_boundary(sight: Sight) -> None:
    network = open_mlp(inputs=6, width=16)
    frozen = probe_frozen(sight, network, measure(network, sight.ground.dataset))
    found = probe_tangent(sight, frozen, {"last1": "layer1", "all": None})
    assert list(found) == ["last1", "all"]
    for move, (each, saw) in found.items():
        assert each.option.name == f"fine-tune {move} · mlp"
        assert each.accuracy > 0.9
        assert "pretrained" in saw


def test_a_boundary_without_weights_counts_as_the_one_below(sight: Sight) -> None:
    network = open_mlp(inputs=6, width=16)
    seen = tangents(network, Prepared(sight.ground.dataset, network)(np.arange(5)))
    assert np.array_equal(above(seen, network, None), seen.above())
    assert np.array_equal(above(seen, network, "layer1"), seen.above("layer1"))


def test_one_row_of_each_class_says_nothing(tmp_path: Path) -> None:
    data = blobs(12, classes=12, apart=6.0)
    ground = ground_of(data)
    sight = Sight(ground, probe_rows(ground), Store(tmp_path))
    found, _ = probe_raw(sight)
    assert not found.known
    assert "one row" in found.option.abstained


def test_two_texts_of_two_classes_cannot_be_judged(tmp_path: Path) -> None:
    texts = replace(blobs(6), domain=Domain("text", "few"), items=("good", "bad", "fine", "poor", "nice", "grim"))
    few = replace(texts.take([0, 1, 2, 3]), parts=("train", "train", "test", "test"))
    ground = ground_of(few)
    scratch, _ = probe_scratch(Sight(ground, probe_rows(ground), Store(tmp_path)), Scratch(few))
    assert not scratch.known
    assert "one class alone" in scratch.option.abstained
