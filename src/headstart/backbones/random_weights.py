"""The same network with random weights: what the architecture gives without any knowledge (a null baseline)."""

from __future__ import annotations

from typing import Any

from headstart.backbones.network import NetworkBackbone
from headstart.backbones.opening import checked, opener_of, parse
from headstart.errors import BackboneError
from headstart.registry import Registry

# Kinds whose opener has the option `seed`: given one, it needs neither weights nor the internet.
UNTRAINED = Registry(
    "network with random weights",
    conv="headstart.backbones.conv:open_conv",
    mlp="headstart.backbones.mlp:open_mlp",
    sentence="headstart.backbones.sentence:open_sentence",
    timm="headstart.backbones.timm_models:open_timm",
)


def open_random(rest: str, *, seed: int = 0, **options: Any) -> NetworkBackbone:
    """`random/<name of a network>`: its architecture and preprocessing, weights drawn from `seed`.

    Options of the named network that only say where its weights come from, or how precisely to compute with them, have
    no effect.
    """
    kind, model, written = parse(rest)
    if not kind:
        raise BackboneError("'random' needs the name of a network: random/conv, random/timm/resnet18 …")
    opener = opener_of(kind, UNTRAINED)
    given = {**written, **options, "seed": seed}
    for option in ("checkpoint", "license", "precision"):
        given.pop(option, None)
    backbone = opener(model, **checked(opener, f"random/{kind}", given))
    assert isinstance(backbone, NetworkBackbone)
    name = "/".join(part for part in ("random", kind, model) if part)
    twin = backbone.named(name, backbone.options)
    twin.license = "none (random weights)"
    return twin
