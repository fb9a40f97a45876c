"""Both domains go through the layer that tells the source's classes apart, chosen without a look at the target."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

import headstart as hs
from headstart.backbones.backbone import Backbone
from headstart.backbones.network import NetworkBackbone
from headstart.data.dataset import Dataset
from headstart.errors import BackboneError, DataError
from headstart.jobs import seeing
from headstart.jobs.seeing import in_words, seen_through

from ..adaptation.worlds import moved
from ..planning.worlds import foretold


@pytest.fixture
def pair() -> tuple[Dataset, Dataset]:
    world = moved(150)
    return hs.read((world.Xs, world.ys), name="old"), hs.read((world.Xt, world.yt), name="new")


@pytest.fixture
def store(tmp_path: Path) -> hs.Store:
    return hs.Store(tmp_path)


def deaf(inputs: int, *, wide: int) -> Backbone:
    """A network whose last block says the same of every row."""
    network = hs.open_backbone("mlp", inputs=inputs, width=wide, depth=2)
    assert isinstance(network, NetworkBackbone)
    last = network.layers[-1]
    state = {
        name: torch.zeros_like(value) if name.startswith(last) else value for name, value in network.state().items()
    }
    return network.with_state(state)


def test_raw_columns_are_taken_without_a_choice(pair: tuple[Dataset, Dataset], store: hs.Store) -> None:
    seen = seen_through(*pair, store=store)
    assert seen.feature_map.backbone.name == "raw"
    assert seen.reason == ""


@pytest.mark.parametrize("wide", [16, 1000])
def test_a_layer_that_says_nothing_is_not_taken_alone(
    pair: tuple[Dataset, Dataset], store: hs.Store, wide: int
) -> None:
    network = deaf(5, wide=wide)
    seen = seen_through(*pair, network, store=store)
    assert seen.feature_map.layers != network.layers[-1:]
    assert seen.feature_map.matrix(pair[0], store=store).shape[1] <= seeing.WIDEST
    assert seen.reason


def test_the_target_chooses_nothing(pair: tuple[Dataset, Dataset], store: hs.Store) -> None:
    old, new = pair
    other = hs.read((np.asarray(new.items.matrix)[::-1] * 7, new.labels), name="other")  # type: ignore[attr-defined]
    network = deaf(5, wide=16)
    first, second = (seen_through(old, each, network, store=store) for each in (new, other))
    assert first.feature_map.layers == second.feature_map.layers
    assert first.feature_map.scales == second.feature_map.scales


def test_the_reason_in_words() -> None:
    good, best = foretold("frozen", 0.9), foretold("frozen", 0.91)
    assert in_words(best, [good, best]) == (
        "it names .910 of the source's rows rightly, each left out once: no other of 2 layers and backbones does better"
    )
    assert in_words(good, [good, best]).endswith("the best, at .910, is not ahead beyond chance")


def test_a_named_layer_is_taken(pair: tuple[Dataset, Dataset], store: hs.Store) -> None:
    network = hs.open_backbone("mlp", inputs=5, width=8)
    assert seen_through(*pair, network, network.layers[0], store=store).feature_map.layers == network.layers[:1]
    with pytest.raises(BackboneError, match=f"no layer 'top'; it has {network.layers[0]}"):
        seen_through(*pair, network, "top", store=store)


def test_where_no_row_can_be_foretold_the_last_layer_is_taken(store: hs.Store) -> None:
    lonely = hs.read((np.eye(3, 5), ["a", "b", "c"]), name="old")
    network = hs.open_backbone("mlp", inputs=5, width=8)
    seen = seen_through(lonely, lonely, network, store=store)
    assert seen.feature_map.layers == network.layers[-1:]
    assert seen.reason == ""


def test_words_learned_from_both_sides(store: hs.Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seeing, "default_backbones", lambda modality: ())
    old = hs.read((["a good novel", "a bad novel"] * 10, ["yes", "no"] * 10), name="old")
    new = hs.read((["a good film", "a bad film"] * 10, ["yes", "no"] * 10), name="new")
    seen = seen_through(old, new, store=store)
    assert seen.feature_map.backbone.name == "tfidf"
    known = seen.feature_map.matrix(new, store=store)
    assert len(np.unique(known.nonzero()[1])) >= 3  # film among them, which the source never says


def test_nothing_stands_ready(pair: tuple[Dataset, Dataset], store: hs.Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seeing, "STANDING", {})
    with pytest.raises(DataError, match="no backbone stands ready for vector samples"):
        seen_through(*pair, store=store)
