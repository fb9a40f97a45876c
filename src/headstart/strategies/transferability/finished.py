"""Finished networks of a study, kept by all that made them: a study that was stopped goes on after the last."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import nn

from headstart.arrays import Vector
from headstart.backbones.fingerprint import canonical, fingerprint
from headstart.errors import StoreError
from headstart.features.finished import mark_used
from headstart.training.checkpoint import write_atomically

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Outcome:
    """Right (1) or wrong (0) on each held-out row, and what the network took to train; `reused` if not now."""

    correct: Vector
    seconds: float
    reused: bool = False


class Finished:
    """A folder per network, named by the digest of everything that decides what it will be."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def outcome(self, key: str) -> Outcome | None:
        """How it did; None where it was never finished, or where its file is damaged (the log says so)."""
        file = self.root / key / "outcome.json"
        try:
            about = json.loads(file.read_text(encoding="utf-8"))
            right = np.array([int(sign) for sign in about["correct"]], dtype=np.float64)
            if about["checksum"] != checksum(right):
                raise ValueError("the checksum is another one")
            mark_used(self.root / key)
            return Outcome(right, float(about["seconds"]), reused=True)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as cause:
            log.warning("%s is damaged and its network will be trained again: %s", file, cause)
            return None

    def load(self, key: str, network: nn.Module) -> bool:
        """Put its weights into a network of the same make; whether they were there, and whole."""
        file = self.root / key / "weights.safetensors"
        try:
            tensors = load_file(file)
            about = json.loads((self.root / key / "outcome.json").read_text(encoding="utf-8"))
            if about["weights"] != fingerprint(tensors, {}):
                raise ValueError("the weights are not those that were kept")
            network.load_state_dict(tensors)
            return True
        except FileNotFoundError:
            return False
        except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as cause:
            log.warning("%s is damaged and its network will be trained again: %s", file, cause)
            return False

    def add(self, key: str, outcome: Outcome, network: nn.Module | None = None) -> None:
        """Keep an outcome, and the weights where others will build on them. Raises `StoreError` (disk full …)."""
        folder = self.root / key
        about = {
            "correct": "".join(str(int(right)) for right in outcome.correct),
            "checksum": checksum(outcome.correct),
            "seconds": outcome.seconds,
        }
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if network is not None:
                tensors = {name: tensor.detach().contiguous() for name, tensor in network.state_dict().items()}
                about["weights"] = fingerprint(tensors, {})
                write_atomically(folder / "weights.safetensors", save(tensors))
            # the outcome last: a folder that has one is whole
            write_atomically(folder / "outcome.json", json.dumps(about).encode())
        except OSError as cause:
            raise StoreError(f"a finished network cannot be kept in {folder}: {cause}; make room there") from cause


def checksum(correct: Vector) -> str:
    return hashlib.sha256(np.asarray(correct, dtype=np.float64).tobytes()).hexdigest()


def key_of(about: Mapping[str, Any]) -> str:
    """SHA-256 (hex) of canonical JSON."""
    return hashlib.sha256(canonical(dict(about)).encode()).hexdigest()
