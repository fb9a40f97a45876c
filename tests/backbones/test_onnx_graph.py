"""A network written as a graph: equal to the network, for batches of any size, and bound to nothing outside itself."""

from __future__ import annotations

import importlib.util
import sys

import numpy as np
import pytest
import torch
from torch import nn

from headstart.backbones import onnx_graph
from headstart.errors import BackboneError, MissingExtra

PATHS = {"below": "0", "rectified": "1", "pool": ""}
needs_onnx = pytest.mark.skipif(
    any(importlib.util.find_spec(package) is None for package in ("onnx", "onnxscript", "onnxruntime")),
    reason="the extra onnx is not installed",
)


@pytest.fixture(scope="module")
def network():
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(inplace=True), nn.Conv2d(4, 5, 3), nn.Flatten()).eval()


@pytest.fixture(scope="module")
def model(network):
    return onnx_graph.exported(network, PATHS, torch.randn(2, 3, 10, 10))


@needs_onnx
@pytest.mark.parametrize("n", [1, 2, 7])
def test_it_computes_what_the_network_computes(model, network, n):
    batch = torch.randn(n, 3, 10, 10, generator=torch.Generator().manual_seed(n))
    found = onnx_graph.run(onnx_graph.session(model.SerializeToString()), batch, PATHS)
    with torch.no_grad():
        below = network[0](batch)
        expected = {"below": below.clone(), "rectified": below.relu(), "pool": network(batch)}
    for layer in PATHS:  # "below" too, although the layer behind writes over it
        np.testing.assert_allclose(found[layer].numpy(), expected[layer].numpy(), atol=1e-5)


@needs_onnx
def test_equal_networks_give_equal_bytes_without_traces_of_this_machine(model, network):
    again = onnx_graph.exported(network, PATHS, torch.zeros(2, 3, 10, 10))
    assert again.SerializeToString() == model.SerializeToString()
    assert b".py" not in model.SerializeToString()


@needs_onnx
def test_a_network_that_cannot_be_traced_is_said():
    class Fickle(nn.Module):
        def forward(self, batch):
            return batch * 2 if batch.sum() > 0 else batch

    with pytest.raises(BackboneError, match="cannot be written as an ONNX graph"):
        onnx_graph.exported(Fickle(), {"pool": ""}, torch.randn(2, 3, 4, 4))


@needs_onnx
def test_weights_in_other_files_are_refused(model, tmp_path):
    import onnx
    from onnx.external_data_helper import convert_model_to_external_data

    foreign = onnx.ModelProto()
    foreign.CopyFrom(model)
    convert_model_to_external_data(foreign, location="elsewhere.bin", size_threshold=0)
    onnx.save(foreign, tmp_path / "graph.onnx")
    with pytest.raises(BackboneError, match="do not trust"):
        onnx_graph.session((tmp_path / "graph.onnx").read_bytes())


@needs_onnx
def test_bytes_that_are_no_graph_are_refused():
    with pytest.raises(BackboneError, match="does not open this graph"):
        onnx_graph.session(b"no graph")


@pytest.mark.parametrize("package", ["onnx", "onnxscript"])
def test_a_missing_package_is_named(network, monkeypatch, package):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtra, match=r"pip install 'headstart\[onnx\]'"):
        onnx_graph.exported(network, PATHS, torch.zeros(2, 3, 10, 10))
