"""Every layer, and all together, from rows of a data set."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

import headstart as hs
from headstart.backbones.network import NetworkBackbone
from headstart.features.extraction import extract
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


def test_a_network_that_kept_its_classifier_answers_for_the_source() -> None:
    rng = np.random.default_rng(0)
    data = hs.read((rng.integers(0, 255, (12, 16, 16, 3)).astype(np.uint8), ["a", "b"] * 6))
    net = hs.open_backbone("conv?size=16")
    assert isinstance(net, NetworkBackbone)
    torch.manual_seed(0)
    embedded = extract(data, net)[net.layers[-1]].X
    net.classifier = nn.Linear(embedded.shape[1], 7)
    last = Tap(net.layers[-1:])
    asked, kit = (
        Tapping(data, {"net": net}, by, ("mean",), 0, hs.Store(), False).features("net", np.arange(12))[last]
        for by in ("leep", "kit")
    )
    assert kit.source_proba is None
    logits = embedded @ net.classifier.weight.detach().numpy().T + net.classifier.bias.detach().numpy()
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert asked.source_proba is not None and asked.source_proba.shape == (12, 7)
    np.testing.assert_allclose(asked.source_proba, expected, atol=1e-5)
