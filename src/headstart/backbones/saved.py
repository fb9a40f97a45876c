"""The backbone inside a saved model, to transfer from it again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from headstart.backbones.backbone import Backbone
from headstart.backbones.checkpoint import read_tensors
from headstart.backbones.description import Described
from headstart.backbones.opening import open_backbone
from headstart.errors import BackboneError


def open_saved(folder: str) -> Backbone:
    """`model/<folder>`: the first backbone of a model that headstart saved there.

    Raises `BackboneError` when the folder holds no whole model, or when its backbone is no longer the same.
    """
    file = Path(folder) / "model.json"
    if not folder or not file.is_file():
        raise BackboneError(f"no saved model at '{folder}': it holds no model.json; name the folder of a saved model")
    try:
        part = json.loads(file.read_text(encoding="utf-8"))["backbones"][0]
        backbone = saved_backbone(Path(folder), part)
    except (ValueError, KeyError, IndexError, TypeError) as cause:
        raise BackboneError(f"{file} is damaged ({cause!r}); save the model again") from cause
    assert isinstance(backbone, Described)
    twin = backbone.named(f"model/{folder}")
    twin.license = part["license"]
    return twin


def saved_backbone(folder: Path, part: Mapping[str, Any]) -> Backbone:
    """Open what `describe()` wrote down: by name, or from its architecture and the weights stored in `folder`.

    Raises `BackboneError` when the result has another fingerprint than the one written down.
    """
    if part["weights"]:
        if Path(part["weights"]).name != part["weights"]:
            raise BackboneError(f"{folder} names weights outside itself: {part['weights']}; do not trust this model")
        empty = open_backbone(part["architecture"], **part["architecture_options"])
        backbone = empty.with_state(read_tensors(folder / part["weights"]))
    else:
        backbone = open_backbone(part["name"], **part["options"])
    if backbone.fingerprint != part["fingerprint"]:
        raise BackboneError(
            f"the backbone '{part['name']}' is not the one this model was made with: fingerprint "
            f"{backbone.fingerprint[:12]} now, {part['fingerprint'][:12]} then (its weights or preprocessing changed); "
            "save the model with its weights (standalone)"
        )
    return backbone
