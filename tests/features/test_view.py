"""A view is a backbone of its own shelf: the same every time, another for another number."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from headstart.backbones.opening import open_backbone
from headstart.data.dataset import Dataset
from headstart.errors import DataError
from headstart.features.extraction import extract
from headstart.features.lookup import key
from headstart.features.store import Store
from headstart.features.view import Viewed, filled
from headstart.problem import Domain, Task
from headstart.training.augmentation import Augmentation
from headstart.training.views.drawings import Drawings

TURNED = Drawings(movement=Augmentation(turn=40.0))


def pictures(n: int = 5) -> Dataset:
    rng = np.random.default_rng(0)
    items = [rng.integers(0, 256, (16, 16, 3), dtype=np.uint8) for _ in range(n)]
    return Dataset(Domain("image", "noise"), Task(), items, np.full(n, -1), tuple(map(str, range(n))))


def test_a_view_is_computed_once_and_differs_from_the_others(tmp_path) -> None:
    backbone, dataset, store = open_backbone("conv", size=16), pictures(), Store(tmp_path)

    def view(number: int):
        return extract(dataset, Viewed(backbone, number=number, augment=TURNED), store=store)["pool"]

    first, second, again = view(1), view(2), view(1)
    assert first.computed == 5 and again.computed == 0
    assert np.array_equal(first.X, again.X)
    assert not np.array_equal(first.X, second.X)


def test_a_view_does_not_depend_on_the_rows_beside_it(tmp_path) -> None:
    viewed = Viewed(open_backbone("conv", size=16), number=3, augment=TURNED)
    whole = extract(pictures(), viewed, store=Store(tmp_path / "a"))["pool"].X
    some = extract(pictures().take(np.array([4, 1])), viewed, store=Store(tmp_path / "b"))["pool"].X
    assert np.allclose(whole[[4, 1]], some, atol=1e-3)


def test_view_0_is_the_backbone_itself(tmp_path) -> None:
    backbone = open_backbone("conv", size=16)
    plain = key(backbone, "pool", pooling="mean", dtype="float16")
    assert key(Viewed(backbone), "pool", pooling="mean", dtype="float16") == plain
    assert key(Viewed(backbone, number=1, augment=TURNED), "pool", pooling="mean", dtype="float16") != plain
    assert key(Viewed(backbone, length=64), "pool", pooling="none", dtype="float16")["view"] == {
        "view": 0,
        "length": 64,
    }


def test_tokens_are_filled_up_with_zeros_and_never_cut() -> None:
    rows = filled(torch.ones(2, 3, 4), 5)
    assert rows.shape == (2, 5, 4) and rows[:, :3].eq(1).all() and rows[:, 3:].eq(0).all()
    with pytest.raises(DataError, match="longer"):
        filled(torch.ones(2, 6, 4), 5)


def test_a_view_without_an_augmentation_is_refused() -> None:
    with pytest.raises(DataError, match="needs an augmentation"):
        Viewed(open_backbone("conv", size=16), number=1)
