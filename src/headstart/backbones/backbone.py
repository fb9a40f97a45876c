"""The contract of every backbone: a fixed map with its own preprocessing and named layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Protocol, TypeAlias, runtime_checkable

from torch import Tensor, nn

from headstart.data.samples import Item
from headstart.problem import Modality

Pooling: TypeAlias = Literal["mean", "max", "none"]
POOLINGS: tuple[Pooling, ...] = ("mean", "max", "none")


@runtime_checkable
class Backbone(Protocol):
    """What extraction, transfer and saving ask of a network (or of any fixed map).

    name          opens it again: `open_backbone(name, **options)`
    license       of the weights, as their authors state it ("unknown" where they do not)
    fingerprint   hex digest of weights + preprocessing: changes when either does
    layers        cut points from input to output; the last one is the pooled embedding
    stored        False where computing again is cheaper than looking up (raw input, tf-idf)
    sparse        `embed` returns scipy CSR matrices
    learned_from  None, or what it must be fitted on first ("texts" for tf-idf): `backbone.fitted(items)` gives one
    """

    name: str
    modality: Modality
    license: str
    fingerprint: str
    layers: tuple[str, ...]
    stored: bool
    sparse: bool
    learned_from: str | None

    def prepare(self, item: Item) -> Any:
        """Decode and preprocess one item; thread-safe. Raises `DataError` (unreadable) with the reason."""
        ...

    def cost(self, prepared: Any) -> int:
        """Relative work of a prepared item (tokens of a text, 1 for a picture): like goes with like in a batch."""
        ...

    def collate(self, prepared: Sequence[Any]) -> Any:
        """One batch from prepared items."""
        ...

    def embed(self, batch: Any, layers: Sequence[str], *, pooling: Pooling = "mean") -> dict[str, Tensor]:
        """Frozen forward pass: (n, d) float32 per layer ("none" keeps positions). Eval mode, no gradients, buffers
        untouched (asserted); thread-safe: passes run side by side. Raises `BackboneError` for a layer it does not have,
        with the nearest names."""
        ...

    def cut(self, layer: str) -> tuple[nn.Module, nn.Module]:
        """Below and above: input → bottleneck, bottleneck → output; composed they equal the whole."""
        ...

    def describe(self) -> dict[str, Any]:
        """JSON that names it: `{"name": …, "options": {…}, "fingerprint": …, "license": …}`."""
        ...

    def state(self) -> dict[str, Tensor]:
        """Weights (and other learned arrays) to store inside a model folder; empty where the name says it all."""
        ...

    def with_state(self, state: dict[str, Tensor]) -> Backbone:
        """The same backbone carrying these weights; its fingerprint follows."""
        ...
