"""Every way of writing to a weight or buffer is noticed; reading is not."""

from __future__ import annotations

import pytest
import torch

from headstart.backbones.watch import Watch


def test_reading_is_no_change(make_network, batch):
    network = make_network().eval()
    watch = Watch(network)
    with torch.inference_mode():
        network(batch)
    network.state_dict()
    assert watch.moved() == []


def test_a_forward_pass_in_train_mode_moves_the_statistics(make_network, batch):
    network = make_network().train()
    watch = Watch(network)
    with torch.inference_mode():
        network(batch)
    assert set(watch.moved()) == {
        f"{stage}.1.{name}"
        for stage in ("low", "high")
        for name in ("running_mean", "running_var", "num_batches_tracked")
    }


@pytest.mark.parametrize("way", ["step", "load", "replace"])
def test_ways_of_changing_weights(make_network, way):
    network = make_network()
    watch = Watch(network)
    weight = network.classifier.weight
    if way == "step":
        weight.grad = torch.ones_like(weight)
        torch.optim.SGD([weight], lr=0.1).step()
    elif way == "load":
        network.classifier.load_state_dict({name: t + 1 for name, t in network.classifier.state_dict().items()})
    else:
        network.classifier.weight = torch.nn.Parameter(weight.detach().clone())
    assert "classifier.weight" in watch.moved()


def test_buffers_that_are_not_saved_may_change(make_network):
    network = make_network()
    network.register_buffer("scratch", torch.zeros(3), persistent=False)
    watch = Watch(network)
    network.scratch += 1
    assert watch.moved() == []
