"""A network as one ONNX graph, in 8-bit integers where that pays (Jacob et al., CVPR 2018), run by ONNX Runtime."""

from __future__ import annotations

import re
import tempfile
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from headstart.arrays import Matrix
from headstart.backbones.capture import capture
from headstart.backbones.pooling import tensor_and_mask
from headstart.errors import BackboneError
from headstart.registry import require

EXTRA = "onnx"
INPUT = "input"
_WHOLE = ""  # no layer is called so
# The first convolutions are cheap and hurt most. Measured on MobileNetV2 with ImageNet weights, 64 photos: with its
# first depthwise convolution in integers the mean cosine to float32 is .956 at the first stage and .991 at the last;
# with the first three in float32 it is 1.000 and .995, at the same speed.
FLOAT_CONVOLUTIONS = 3
# The key of a tensor kept in another file. A length precedes every text: 8, or more bytes that end in 0.
_OUTSIDE = re.compile(rb"[\x00\x08]location")


class _Heard(nn.Module):
    """The network with the outputs of its submodules at `paths` as its outputs."""

    def __init__(self, network: nn.Module, paths: Mapping[str, str]) -> None:
        super().__init__()
        self.network = network
        self.paths = dict(paths)

    def forward(self, batch: Tensor) -> tuple[Tensor, ...]:
        # to the end of the network: a pass cut short is not understood by the tracer, and what is unused is left out
        whole = {**self.paths, _WHOLE: ""}
        # cloned: a layer behind may write over it in place
        heard = capture(self.network, whole, batch, take=lambda output: tensor_and_mask(output, None)[0].clone())
        return tuple(heard[layer] for layer in self.paths)


class _Calibration:
    """Batches as ONNX Runtime's quantiser asks for them."""

    def __init__(self, batches: Iterable[Matrix]) -> None:
        self._batches = iter(batches)

    def get_next(self) -> dict[str, Matrix] | None:
        batch = next(self._batches, None)
        return None if batch is None else {INPUT: batch}


def exported(network: nn.Module, paths: Mapping[str, str], example: Tensor) -> Any:
    """An ONNX model with one output per layer in `paths`, for batches of any size.

    Equal networks give equal bytes: it holds neither paths of this machine nor the call stack of the export.
    Raises `BackboneError` where the network cannot be traced, `MissingExtra` without the packages.
    """
    require("onnx", extra=EXTRA)
    require("onnxscript", extra=EXTRA)
    try:
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch's own, about itself
            program = torch.onnx.export(
                _Heard(network, paths).eval(),
                (example.contiguous(),),
                dynamo=True,
                input_names=[INPUT],
                output_names=list(paths),
                dynamic_shapes=({0: torch.export.Dim("batch")},),
                verbose=False,
            )
    except RuntimeError as cause:
        raise BackboneError(
            f"this network cannot be written as an ONNX graph ({_reason(cause)}); use float32"
        ) from cause
    assert program is not None
    return _bare(program.model_proto)


def _reason(error: BaseException) -> str:
    """The first line of what went wrong at first."""
    while error.__cause__ is not None:
        error = error.__cause__
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _bare(model: Any) -> Any:
    """Without notes of where it came from."""
    graph = model.graph
    for part in (model, graph, *graph.node, *graph.input, *graph.output, *graph.value_info, *graph.initializer):
        part.ClearField("metadata_props")
        part.ClearField("doc_string")
    return model


def to_int8(model: Any, batches: Iterable[Matrix]) -> bytes:
    """The graph with 8-bit weights (one scale per channel) and activations, whose ranges are those seen on `batches`.

    Ranges are fixed, so that a row does not depend on its neighbours. Raises `MissingExtra` without the packages.
    """
    onnx = require("onnx", extra=EXTRA)
    quantization = require("onnxruntime.quantization", extra=EXTRA)
    own = onnx.ModelProto()
    own.CopyFrom(model)
    # what ONNX Runtime's pre-processing would do (fold, infer shapes) is done: without this it warns that it is not
    onnx.helper.set_model_props(own, {"onnx.quant.pre_process": "onnxruntime.quant"})
    convolutions = [node.name for node in own.graph.node if node.op_type == "Conv"]
    # without these the drift is the same, and the quantiser complains about each of their weights
    norms = [node.name for node in own.graph.node if node.op_type == "LayerNormalization"]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "int8.onnx"
        quantization.quantize_static(
            own,
            file,
            _Calibration(batches),
            quant_format=quantization.QuantFormat.QDQ,
            activation_type=quantization.QuantType.QUInt8,
            weight_type=quantization.QuantType.QInt8,
            per_channel=True,
            nodes_to_exclude=[*convolutions[:FLOAT_CONVOLUTIONS], *norms],
        )
        return file.read_bytes()


def session(graph: bytes) -> Any:
    """ONNX Runtime's session for a graph: on the CPU, on the calling thread (passes run side by side instead).

    Raises `BackboneError` for bytes that are no graph, or that point to files beside it.
    """
    if _OUTSIDE.search(graph):
        raise BackboneError(
            "this ONNX graph keeps weights in files of their own, which are not opened; do not trust it"
        )
    runtime = require("onnxruntime", extra=EXTRA)
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.load_model_format", "ONNX")
    try:
        return runtime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except Exception as cause:  # its errors share no other base
        raise BackboneError(f"ONNX Runtime {runtime.__version__} does not open this graph: {cause}") from cause


def run(running: Any, batch: Tensor, layers: Iterable[str]) -> dict[str, Tensor]:
    """The outputs asked for; safe to call from several threads."""
    names = list(layers)
    values = running.run(names, {INPUT: np.ascontiguousarray(batch.detach().numpy(), dtype=np.float32)})
    return {name: torch.from_numpy(value) for name, value in zip(names, values, strict=True)}
