"""A picture network in 8-bit integers: faster on a CPU, with other features; how far they drift is measured."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor

from headstart.backbones import onnx_graph
from headstart.backbones.backbone import Pooling
from headstart.backbones.description import Described
from headstart.backbones.drift import Drift, drift_between
from headstart.backbones.fingerprint import canonical, fingerprint
from headstart.backbones.network import NetworkBackbone
from headstart.backbones.pooling import pool
from headstart.backbones.speed import faster
from headstart.data.samples import Item
from headstart.errors import BackboneError, DataError
from headstart.problem import Modality
from headstart.registry import require

PRECISIONS = ("float32", "int8")
MOST = 64  # pictures looked at: more move the ranges no further
ONE_IN = 4  # ... of them kept apart to measure the drift on
_BATCH = 8


def in_precision(network: NetworkBackbone, precision: str) -> NetworkBackbone | QuantisedBackbone:
    """`network` as it is for "float32", its quantised form (still to be calibrated) for "int8".

    Raises `BackboneError` for another precision or a network that does not read pictures, `MissingExtra` without
    ONNX Runtime.
    """
    if precision not in PRECISIONS:
        raise BackboneError(f"unknown precision '{precision}'; known: {', '.join(PRECISIONS)}")
    return network if precision == "float32" else QuantisedBackbone(network)


class QuantisedBackbone(Described):
    """`network` with 8-bit weights and activations, run by ONNX Runtime on the CPU.

    Its ranges have to be learnt first, from pictures without labels: `backbone.fitted(pictures)`.

    drift  layer → {"lowest", "mean"} cosine between its rows and those in float32, on pictures that the ranges were
           not learnt from; empty before learning
    notes  one sentence on it, for the report
    """

    def __init__(self, network: NetworkBackbone) -> None:
        if network.modality != "image":
            raise BackboneError(f"precision=int8 is for picture networks; '{network.name}' reads {network.modality}s")
        require("onnxruntime", extra=onnx_graph.EXTRA)
        self.name = f"{network.name}?precision=int8"
        self.modality: Modality = network.modality
        self.license = network.license
        self.layers = network.layers
        self.options = dict(network.options)
        skeleton, skeleton_options = network.architecture
        self.architecture = (skeleton, {**skeleton_options, "precision": "int8"})
        self.preparation = network.preparation
        self.channel_axis = network.channel_axis
        self.reopens = network.reopens
        self.learned_from = "pictures"
        self.fingerprint = fingerprint({}, {"precision": "int8", "network": network.fingerprint})
        self.drift: Drift = {}
        self.notes: tuple[str, ...] = ()
        self._network: NetworkBackbone | None = network
        self._graph = b""
        self._record: dict[str, Any] = {}
        self._session: Any = None

    def fitted(self, items: Sequence[Item]) -> Self:
        """The network in integers, its ranges learnt from at most 48 of `items`, its drift measured on others (16).

        Same items, same versions: same bytes. Raises `DataError` for fewer than 2 pictures or unreadable ones,
        `BackboneError` where the network cannot be exported, `MissingExtra` without the packages.
        """
        network = self._network
        if network is None:
            raise BackboneError(
                f"'{self.name}' is in integers already; open it by name to calibrate it on other pictures"
            )
        learn, compare = _apart(len(items))
        batches = [np.ascontiguousarray(batch.numpy()) for batch in self._batches(items, learn)]
        example = network.preparation.example()
        assert isinstance(example, Tensor)
        paths = network.paths
        model = onnx_graph.exported(faster(network.module, example, list(paths.values())), paths, example)
        record = {
            "layers": list(self.layers),
            "library": f"ONNX Runtime {require('onnxruntime', extra=onnx_graph.EXTRA).__version__}",
            "calibration": fingerprint({str(at): torch.from_numpy(batch) for at, batch in enumerate(batches)}, {}),
            "calibrated_on": len(learn),
            "compared_on": len(compare),
            "network": network.fingerprint,
        }
        twin = self._carrying(onnx_graph.to_int8(model, batches), record, {})
        twin.drift = drift_between(network, twin, self._batches(items, compare))
        twin.notes = (_sentence(twin),)
        return twin

    def _batches(self, items: Sequence[Item], rows: Sequence[int]) -> Iterator[Tensor]:
        for start in range(0, len(rows), _BATCH):
            yield self.preparation.collate([self.prepare(items[row]) for row in rows[start : start + _BATCH]])

    def _carrying(self, graph: bytes, record: Mapping[str, Any], drift: Drift) -> Self:
        twin = copy.copy(self)
        twin._session = onnx_graph.session(graph)
        twin._graph, twin._record, twin.drift = graph, dict(record), drift
        twin._network, twin.learned_from, twin.reopens = None, None, False
        # the drift is left out: it is measured, and the last digit of a measurement may differ
        facts = {"precision": "int8", "preparation": self.preparation.describe(), **record}
        twin.fingerprint = fingerprint({"graph": _as_tensor(graph)}, facts)
        return twin

    def prepare(self, item: Item) -> Any:
        """One picture as the network wants it. Raises `DataError` with the reason."""
        return self.preparation.prepare(item)

    def collate(self, prepared: Sequence[Any]) -> Any:
        """One batch from prepared pictures."""
        return self.preparation.collate(prepared)

    def embed(self, batch: Any, layers: Sequence[str], *, pooling: Pooling = "mean") -> dict[str, Tensor]:
        """(n, d) float32 per layer. Raises `BackboneError` for an unknown layer, and before it was calibrated."""
        asked = self._asked(layers, pooling)
        if self._session is None:
            raise BackboneError(
                f"'{self.name}' has to be calibrated first, on some pictures: backbone.fitted(pictures)"
            )
        if not asked:
            return {}
        values = onnx_graph.run(self._session, batch, asked)
        return {layer: pool(values[layer], pooling, channel_axis=self.channel_axis) for layer in asked}

    def describe(self) -> dict[str, Any]:
        """JSON that names it, with its drift."""
        return {**super().describe(), "drift": self.drift}

    def state(self) -> dict[str, Tensor]:
        """The graph in integers, and what is known about it (JSON), as bytes; empty before calibration."""
        if not self._graph:
            return {}
        record = canonical({**self._record, "drift": self.drift})
        return {"graph": _as_tensor(self._graph), "record": _as_tensor(record.encode())}

    def with_state(self, state: dict[str, Tensor]) -> Self:
        """The same computing with this graph, bit for bit; nothing is exported or calibrated again.

        Raises `BackboneError` when it belongs to another network.
        """
        if set(state) != {"graph", "record"}:
            raise BackboneError(f"the state of '{self.name}' is 'graph' and 'record', got {sorted(state)[:3]}")
        try:
            record = json.loads(state["record"].numpy().tobytes())
            layers, drift = record["layers"], record.pop("drift")
        except (ValueError, KeyError, TypeError, AttributeError) as cause:
            raise BackboneError(f"the record of '{self.name}' is damaged ({cause!r}); save the model again") from cause
        if layers != list(self.layers):
            raise BackboneError(f"this graph does not belong to '{self.name}': its layers are {', '.join(layers)}")
        twin = self._carrying(state["graph"].numpy().tobytes(), record, drift)
        twin.notes = (_sentence(twin),)
        return twin


def _apart(n: int) -> tuple[list[int], list[int]]:
    """At most 64 of `n` rows, evenly spread: those to learn the ranges from, and every fourth, kept to compare on."""
    if n < 2:
        raise DataError(f"int8 needs at least 2 pictures to calibrate and to compare on, got {n}")
    chosen = [int(row) for row in np.linspace(0, n - 1, min(n, MOST)).round()]
    compare = chosen[::-1][::ONE_IN]
    return [row for row in chosen if row not in compare], compare


def _sentence(backbone: QuantisedBackbone) -> str:
    last, drift, record = backbone.layers[-1], backbone.drift, backbone._record
    worst = min(drift, key=lambda layer: drift[layer]["mean"])
    said = (
        f"{backbone.name}: 8-bit integers ({record['library']}), calibrated on {record['calibrated_on']} pictures; on "
        f"{record['compared_on']} others the cosine to its float32 features at layer {last} is "
        f"{drift[last]['mean']:.4f} on average, {drift[last]['lowest']:.4f} at the lowest"
    )
    if worst == last:
        return said
    return f"{said}; layer {worst} drifts most: {drift[worst]['mean']:.4f} and {drift[worst]['lowest']:.4f}"


def _as_tensor(content: bytes) -> Tensor:
    return torch.from_numpy(np.frombuffer(content, dtype=np.uint8).copy())
