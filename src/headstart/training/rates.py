"""Not every layer learns at the same rate: scales by parameter name, given or decayed from the top."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from torch import nn

from headstart.errors import UnknownName


def scale_of(name: str, rates: Mapping[str, float]) -> float:
    """The scale of one parameter: that of the longest prefix (whole words between dots) of its name, else 1.

    >>> scale_of("layer1.0.weight", {"": 0.5, "layer1": 0.1, "layer": 9.0})
    0.1
    """
    matching = [prefix for prefix in rates if stands_under(name, prefix)]
    return rates[max(matching, key=len)] if matching else 1.0


def stands_under(name: str, prefix: str) -> bool:
    """Whether a parameter or module of this name lies in the module at `prefix`, or is it; "" is the whole network."""
    return not prefix or name == prefix or name.startswith(f"{prefix}.")


def check_prefixes(model: nn.Module, prefixes: Sequence[str] | Mapping[str, object]) -> None:
    """Raise `UnknownName` for a prefix under which the model has no parameter."""
    names = [name for name, _ in model.named_parameters()]
    for prefix in prefixes:
        if not any(stands_under(name, prefix) for name in names):
            known = {".".join(name.split(".")[:depth]) for name in names for depth in (1, 2, 3)}
            raise UnknownName("layer", prefix, known)


def check_rates(model: nn.Module, rates: Mapping[str, float]) -> None:
    """Raise `UnknownName` for a prefix of no parameter, ValueError for a scale that is not positive."""
    check_prefixes(model, rates)
    for prefix, scale in rates.items():
        if not (math.isfinite(scale) and scale > 0):
            raise ValueError(f"the rate of '{prefix}' must be a positive scale, got {scale}; freeze what must not move")


def layer_decay(layers: Sequence[str], *, decay: float = 0.75) -> dict[str, float]:
    """Discriminative rates (Howard & Ruder, ACL 2018; layer-wise decay): the last layer learns at 1, each below at
    `decay` times the one above it.

    layers  prefixes from input to output

    >>> layer_decay(["stem", "body", "head"], decay=0.5)
    {'stem': 0.25, 'body': 0.5, 'head': 1.0}
    """
    if not 0 < decay <= 1:
        raise ValueError(f"decay must lie in (0, 1], got {decay}")
    return {layer: decay ** (len(layers) - 1 - place) for place, layer in enumerate(layers)}
