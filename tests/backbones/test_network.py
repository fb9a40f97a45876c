"""A wrapped network is frozen: nothing that is called changes what it computes, and its fingerprint says what it is."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn

from headstart.errors import BackboneError


def test_layers_equal_what_hooks_written_by_hand_hear(tiny, make_network, batch):
    network = make_network().eval()
    with torch.no_grad():
        low = network.low(batch)
        high = network.high(low)
        expected = {"low": low.mean((2, 3)), "high": high.mean((2, 3)), "pool": network.pool(high)}
    found = tiny.embed(batch, tiny.layers)
    assert list(found) == ["low", "high", "pool"]
    for layer, value in expected.items():
        torch.testing.assert_close(found[layer], value, atol=1e-5, rtol=1e-5)


def test_all_layers_at_once_equal_each_on_its_own(mobilenet, pictures):
    batch = mobilenet.collate([mobilenet.prepare(picture) for picture in pictures])
    together = mobilenet.embed(batch, mobilenet.layers)
    for layer in mobilenet.layers:
        assert torch.equal(together[layer], mobilenet.embed(batch, [layer])[layer]), layer


def test_a_low_layer_never_runs_those_above_it(wrap, make_network, batch):
    network = make_network()
    network.high.register_forward_hook(lambda *_: pytest.fail("a layer above ran"))
    found = wrap(network, preparation=_WithoutExample(wrap(make_network()).preparation)).embed(batch, ["low"])
    assert found["low"].shape == (5, 6)


class _WithoutExample:
    """No example batch: the network runs as it is."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def example(self) -> None:
        return


def test_a_later_layer_that_writes_in_place_does_not_change_an_earlier_one(wrap, batch):
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(inplace=True))
    backbone = wrap(network, layers={"before": "0", "after": "1"})
    found = backbone.embed(batch, ["before", "after"], pooling="none")
    assert (found["before"] < 0).any()
    assert torch.equal(found["before"].relu(), found["after"])


def test_train_mode_called_by_anybody_has_no_effect(tiny, batch):
    before = tiny.embed(batch, ["pool"])["pool"]
    tiny.module.train()
    assert torch.equal(tiny.embed(batch, ["pool"])["pool"], before)


@given(companions=st.integers(0, 6), scale=st.floats(0.1, 50))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_sample_does_not_depend_on_those_beside_it(tiny, companions, scale):
    first = torch.linspace(-2, 2, 300).reshape(1, 3, 10, 10)
    others = scale * torch.randn(companions, 3, 10, 10, generator=torch.Generator().manual_seed(companions))
    alone = tiny.embed(first, tiny.layers)
    among = tiny.embed(torch.cat([first, others]), tiny.layers)
    for layer in tiny.layers:
        torch.testing.assert_close(among[layer][:1], alone[layer], atol=1e-5, rtol=1e-5)


def test_texts_do_not_depend_on_those_beside_them(minilm, texts):
    prepared = [minilm.prepare(text) for text in texts]
    together = minilm.embed(minilm.collate(prepared), minilm.layers)
    for row, tokens in enumerate(prepared):
        alone = minilm.embed(minilm.collate([tokens]), minilm.layers)
        for layer in minilm.layers:
            torch.testing.assert_close(together[layer][row : row + 1], alone[layer], atol=1e-5, rtol=1e-4)


def test_no_weight_or_statistic_moves(tiny, batch):
    before = copy.deepcopy(tiny.module.state_dict())
    for _ in range(3):
        tiny.embed(batch, tiny.layers)
    after = tiny.module.state_dict()
    assert all(torch.equal(after[name], before[name]) for name in before)


def test_a_network_that_writes_to_its_statistics_is_refused(wrap, make_network, batch):
    class Counts(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = make_network()
            self.register_buffer("seen", torch.zeros(()))

        def forward(self, x):
            self.seen += len(x)
            return self.inner(x)

    backbone = wrap(Counts(), layers={"low": "inner.low", "pool": "inner.pool"})
    with pytest.raises(BackboneError, match="seen changed"):
        backbone.embed(batch, ["pool"])


def test_weights_trained_after_wrapping_are_refused(tiny, batch):
    tiny.embed(batch, ["pool"])
    with torch.no_grad():
        tiny.module.low[0].weight.add_(1)
    with pytest.raises(BackboneError, match=r"low\.0\.weight changed"):
        tiny.embed(batch, ["pool"])


def test_what_comes_back_may_enter_training(tiny, batch):
    rows = tiny.embed(batch, ["pool"])["pool"]
    assert not rows.requires_grad and not rows.is_inference()
    nn.Linear(8, 2)(rows).sum().backward()


def test_fingerprint_follows_weights_and_preprocessing_and_nothing_else(wrap, make_network):
    same = wrap(make_network()).fingerprint
    assert wrap(make_network(), name="other name", license="other").fingerprint == same
    assert wrap(make_network().to(memory_format=torch.channels_last)).fingerprint == same
    changed = make_network()
    with torch.no_grad():
        changed.low[0].weight[0, 0, 0, 0] += 1e-6
    moved = make_network()
    moved.low[1].running_mean[0] += 1e-6
    others = [
        wrap(make_network(seed=1)),
        wrap(changed),
        wrap(moved),
        wrap(make_network(), scale=2.0),
        wrap(make_network(), facts={"padding": "same"}),
    ]
    assert len({same, *(backbone.fingerprint for backbone in others)}) == 6


def test_it_works_the_same_inside_inference_mode(wrap, make_network, batch):
    expected = wrap(make_network()).embed(batch, ["pool"])["pool"]
    with torch.inference_mode():
        found = wrap(make_network()).embed(batch.clone(), ["pool"])["pool"]
    assert torch.equal(found, expected)


def test_state_carries_the_weights_to_another_of_its_kind(wrap, make_network, batch):
    one, two = wrap(make_network(seed=1)), wrap(make_network(seed=2))
    carried = two.with_state(one.state())
    assert carried.fingerprint == one.fingerprint != two.fingerprint
    assert torch.equal(carried.embed(batch, ["pool"])["pool"], one.embed(batch, ["pool"])["pool"])
    assert not carried.describe()["reopens"]


def test_state_of_another_architecture_is_refused(tiny):
    with pytest.raises(BackboneError, match="do not fit 'tiny'"):
        tiny.with_state({"low.0.weight": torch.zeros(1)})


def test_unknown_layer_offers_the_nearest(tiny, batch):
    with pytest.raises(BackboneError, match=r"Unknown layer 'hgih'\. Did you mean 'high'"):
        tiny.embed(batch, ["hgih"])
    with pytest.raises(BackboneError, match=r"write \['pool'\]"):
        tiny.embed(batch, "pool")
    with pytest.raises(BackboneError, match="unknown pooling 'median'"):
        tiny.embed(batch, ["pool"], pooling="median")


def test_source_probabilities_come_from_the_kept_classifier(wrap, make_network, batch):
    network = make_network().eval()
    backbone = wrap(make_network(), classifier=network.classifier)
    rows = backbone.embed(batch, ["pool"])["pool"]
    with torch.no_grad():
        expected = network(batch).softmax(1)
    torch.testing.assert_close(backbone.source_proba(rows), expected, atol=1e-5, rtol=1e-4)
    assert wrap(make_network()).source_proba(rows) is None
