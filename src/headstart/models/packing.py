"""The members of a model as JSON and safetensors files, and back.

One member is format 1. Several are format 2, which a version that knows no mixtures refuses, as it must: it would take
the first member for the whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file as load_arrays
from safetensors.numpy import save_file as save_arrays
from safetensors.torch import save_file as save_tensors

from headstart.backbones.backbone import Backbone
from headstart.backbones.saved import saved_backbone
from headstart.heads.packing import pack, unpack
from headstart.models.feature_map import FeatureMap, backbones_of
from headstart.models.member import Member

ALONE, MIXTURE = 1, 2  # formats of a model of one member, and of several


def write_members(members: Sequence[Member], draft: Path, *, standalone: bool) -> dict[str, Any]:
    """Heads and weights as files in `draft`; the JSON that names them. Each backbone is written once."""
    opened = backbones_of(member.map for member in members)
    place = {backbone.fingerprint: at for at, backbone in enumerate(opened)}
    backbones = [
        {**backbone.describe(), "weights": _write_weights(backbone, draft, at, standalone=standalone)}
        for at, backbone in enumerate(opened)
    ]
    if len(members) == 1:
        head = _write_head(members[0].head, draft / "head.safetensors")
        return {"format": ALONE, "backbones": [{**backbones[0], **_layers(members[0].map)}], "head": head}
    parts = [
        {
            "backbone": place[member.map.backbone.fingerprint],
            **_layers(member.map),
            "head": _write_head(member.head, draft / f"head{at}.safetensors"),
            "weight": member.weight,
            "temperature": member.temperature,
        }
        for at, member in enumerate(members)
    ]
    return {"format": MIXTURE, "backbones": backbones, "members": parts}


def _layers(feature_map: FeatureMap) -> dict[str, Any]:
    return {"layers": feature_map.layers, "scales": feature_map.scales, "pooling": feature_map.pooling}


def _write_head(head: Any, file: Path) -> dict[str, Any]:
    packed, arrays = pack(head)
    save_arrays({name: np.ascontiguousarray(array) for name, array in arrays.items()}, file)
    return packed


def _write_weights(backbone: Backbone, draft: Path, place: int, *, standalone: bool) -> str | None:
    """Store the weights unless the backbone's name brings them back; the file's name, or None.

    A checkpoint in a local file is carried along too: its path means nothing on another machine.
    """
    description = backbone.describe()
    if description["reopens"] and "checkpoint" not in description["options"] and not standalone:
        return None
    state = backbone.state()
    if not state:
        return None
    name = f"backbone{place}.safetensors"
    save_tensors(state, draft / name)
    return name


def read_members(folder: Path, description: Mapping[str, Any]) -> tuple[Member, ...]:
    """The members that `write_members` wrote.

    Raises `KeyError`, `TypeError`, `OSError` or `SafetensorError` for what is missing or damaged, `BackboneError` where
    a backbone is no longer the same.
    """
    parts = description["backbones"]
    if description["format"] == ALONE:
        only = _feature_map(saved_backbone(folder, parts[0]), parts[0])
        return (Member(only, unpack(description["head"], load_arrays(folder / "head.safetensors"))),)
    opened = [saved_backbone(folder, part) for part in parts]
    return tuple(
        Member(
            _feature_map(opened[each["backbone"]], each),
            unpack(each["head"], load_arrays(folder / f"head{place}.safetensors")),
            weight=each["weight"],
            temperature=each["temperature"],
        )
        for place, each in enumerate(description["members"])
    )


def _feature_map(backbone: Backbone, part: Mapping[str, Any]) -> FeatureMap:
    return FeatureMap(backbone, tuple(part["layers"]), tuple(part["scales"]), part["pooling"])
