"""What every backbone says of itself: its name, how it is opened again, and the checks that all of them share."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any, Self

from torch import Tensor, nn

from headstart.backbones.backbone import POOLINGS, Pooling
from headstart.errors import BackboneError, UnknownName
from headstart.problem import Modality


class Described:
    """The part of the contract that does not depend on how a backbone computes.

    options       together with `name` they open it again
    architecture  name and options of the same thing without its weights: `with_state(state())` completes it anywhere
    reopens       whether name and options alone bring back the same fingerprint (no state has to be carried along)
    """

    stored: bool = True
    sparse: bool = False
    learned_from: str | None = None
    license: str = "unknown"
    layers: tuple[str, ...] = ("pool",)
    fingerprint: str
    modality: Modality
    name: str
    options: dict[str, Any]
    architecture: tuple[str, dict[str, Any]]
    reopens: bool = True

    def describe(self) -> dict[str, Any]:
        """JSON that names it, opens it again, and says whether its state must be carried along."""
        skeleton, skeleton_options = self.architecture
        return {
            "name": self.name,
            "options": dict(self.options),
            "fingerprint": self.fingerprint,
            "license": self.license,
            "modality": self.modality,
            "reopens": self.reopens,
            "architecture": skeleton,
            "architecture_options": dict(skeleton_options),
        }

    def named(self, name: str, options: Mapping[str, Any] | None = None, *, reopens: bool = True) -> Self:
        """The same backbone under the name that opens it."""
        twin = copy.copy(self)
        twin.name, twin.options, twin.reopens = name, dict(options or {}), reopens
        return twin

    def cost(self, prepared: Any) -> int:
        """Relative work of a prepared item: 1, as every item costs the same."""
        return 1

    def cut(self, layer: str) -> tuple[nn.Module, nn.Module]:
        """A fixed map has no inside. Raises `BackboneError`."""
        raise BackboneError(f"backbone '{self.name}' is no network and cannot be cut; cut a network, e.g. timm/…")

    def state(self) -> dict[str, Tensor]:
        """Nothing: the name says it all."""
        return {}

    def with_state(self, state: dict[str, Tensor]) -> Self:
        """Itself, as it has no state. Raises `BackboneError` when given one."""
        if state:
            raise BackboneError(f"backbone '{self.name}' has no state, got tensors {_few(state)}")
        return self

    def _asked(self, layers: Sequence[str], pooling: Pooling) -> tuple[str, ...]:
        """The layers asked for, each once, from input to output; raises for one that is not there."""
        if isinstance(layers, str):
            raise BackboneError(f"layers must be a list of names, got the text '{layers}'; write ['{layers}']")
        if pooling not in POOLINGS:
            raise BackboneError(f"unknown pooling '{pooling}'; known: {', '.join(POOLINGS)}")
        for layer in layers:
            self._check_layer(layer)
        return tuple(layer for layer in self.layers if layer in layers)

    def _check_layer(self, layer: str) -> None:
        if layer not in self.layers:
            raise BackboneError(f"backbone '{self.name}': {UnknownName('layer', layer, self.layers)}")


def _few(names: Mapping[str, Any]) -> str:
    shown = list(names)[:3]
    return ", ".join(shown) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
