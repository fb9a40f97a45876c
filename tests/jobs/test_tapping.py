"""Every layer, and all together, from rows of a data set."""

from __future__ import annotations

import numpy as np
import pytest

import headstart as hs
from headstart.jobs.tapping import Tapping
from headstart.problem import Domain
from headstart.selection.tap import Tap


@pytest.fixture
def tapping() -> Tapping:
    rng = np.random.default_rng(0)
    data = hs.read(([f"{'good' if row % 2 else 'bad'} {rng.integers(9)}" for row in range(30)], ["a", "b"] * 15))
    return Tapping(data, {"tfidf": hs.open_backbone("tfidf")}, "kit", ("mean", "max"), 0, hs.Store(), False)


def test_a_vocabulary_is_learned_from_all_rows_and_asked_once(tapping: Tapping) -> None:
    found = tapping.features("tfidf", np.arange(10))
    assert list(found) == [Tap(("pool",))]
    few, all_rows = (tapping.features("tfidf", np.arange(n))[Tap(("pool",))].statistics.X.shape for n in (10, 30))
    assert (few[0], all_rows[0]) == (10, 30)
    assert few[1] == all_rows[1]


def test_layers_alone_and_together(tapping: Tapping) -> None:
    rng = np.random.default_rng(0)
    items = list(rng.integers(0, 255, (12, 16, 16, 3)).astype(np.uint8))
    data = hs.Dataset(Domain("image"), tapping.dataset.task, items, np.arange(12) % 2, tuple("abcdefghijkl"))
    net = hs.open_backbone("conv?size=16")
    found = Tapping(data, {"net": net}, "kit", ("mean",), 0, hs.Store(), False).features("net", np.arange(12))
    assert [tap.layers for tap in found] == [*((layer,) for layer in net.layers), net.layers]
    widths = [found[Tap((layer,))].statistics.X.shape[1] for layer in net.layers]
    together = found[Tap(net.layers)].statistics.X
    assert together.shape[1] == sum(widths)
    start = 0
    for width in widths:  # every layer's rows have the same typical length
        block = together[:, start : start + width]
        assert (block**2).sum(axis=1).mean() == pytest.approx(1, rel=1e-3)
        start += width
