"""Weights from a local file: safetensors only, as opening a pickle runs whatever code its author put in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from headstart.errors import BackboneError

PICKLES = frozenset({".pt", ".pth", ".bin", ".pkl", ".pickle", ".ckpt", ".tar", ".joblib", ".npy", ".npz"})


def read_checkpoint(file: str | Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Tensors (floating ones as float32) and the file's own notes.

    Raises `BackboneError` for a missing or damaged file, and for anything that is not safetensors.
    """
    tensors, notes = _opened(Path(file))
    return {name: _as_float32(tensor) for name, tensor in tensors.items()}, notes


def read_tensors(file: str | Path) -> dict[str, Tensor]:
    """Tensors of a .safetensors file in their own types. Raises `BackboneError` as `read_checkpoint` does."""
    return _opened(Path(file))[0]


def _opened(file: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    if file.suffix.lower() in PICKLES:
        raise BackboneError(
            f"{file} may hold a pickle, and opening one runs any code inside it; headstart reads .safetensors only. "
            "In a place you trust: safetensors.torch.save_file(torch.load(file, weights_only=True), 'x.safetensors')"
        )
    if not file.is_file():
        raise BackboneError(f"no checkpoint at {file}: " + ("it is a folder" if file.is_dir() else "no such file"))
    try:
        with safe_open(file, framework="pt") as opened:
            tensors = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118 (no mapping)
            notes = dict(opened.metadata() or {})
    except (SafetensorError, OSError, ValueError) as cause:
        raise BackboneError(
            f"{file} is not a whole .safetensors file ({cause}); download or export it again"
        ) from cause
    return tensors, notes


def load_exactly(module: nn.Module, state: Mapping[str, Tensor], *, what: str, origin: str) -> None:
    """Load `state` into `module`, every tensor of one into one of the other.

    Only counters of BatchNorm may be missing (no forward pass reads them). Raises `BackboneError` with the first
    tensors that are missing, unexpected or of another shape.
    """
    own = module.state_dict()
    missing = [name for name in own if name not in state and not name.endswith("num_batches_tracked")]
    unexpected = [name for name in state if name not in own]
    reshaped = [
        f"{name} {tuple(state[name].shape)} instead of {tuple(own[name].shape)}"
        for name in own
        if name in state and own[name].shape != state[name].shape
    ]
    faults = {"missing": missing, "unexpected": unexpected, "of another shape": reshaped}
    found = [f"{len(names)} {fault} ({_first(names)})" for fault, names in faults.items() if names]
    if found:
        raise BackboneError(
            f"{origin} holds another architecture than {what}: {'; '.join(found)}; "
            "name the architecture it was made with"
        )
    module.load_state_dict(dict(state), strict=False)


def _as_float32(tensor: Tensor) -> Tensor:
    return tensor.to(torch.float32) if tensor.is_floating_point() else tensor


def _first(names: list[str], most: int = 3) -> str:
    return ", ".join(names[:most]) + (", …" if len(names) > most else "")
