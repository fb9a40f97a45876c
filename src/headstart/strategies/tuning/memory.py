"""Finished fine-tuning runs by content: what was trained is not trained again, and a stopped run goes on."""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor

from headstart.errors import StoreError
from headstart.features.finished import mark_used
from headstart.strategies.tuning.looks import Curve, RoundCheckpoint
from headstart.training.checkpoint import plain, under, write_atomically

log = logging.getLogger(__name__)

FORMAT = 1
FILE = "finished.safetensors"


@dataclass(frozen=True)
class Memory:
    """One run's folder: a checkpoint while it goes on, then its curve and what it learned."""

    folder: Path
    run: str

    @classmethod
    def of(cls, root: Path, about: Mapping[str, Any]) -> Memory:
        """The place of the run that `about` (JSON) names completely: network, recipe, rows, labels, seed."""
        text = json.dumps({"format": FORMAT, **about}, sort_keys=True)
        name = hashlib.sha256(text.encode()).hexdigest()
        return cls(root / name, name)

    @property
    def checkpoint(self) -> RoundCheckpoint:
        return RoundCheckpoint(self.folder / "run", run=self.run)

    def finished(self) -> tuple[Curve, dict[str, Tensor]] | None:
        """The curve and the trainable's state (empty where it was not kept); None where the run has not ended."""
        file = self.folder / FILE
        if not file.exists():
            return None
        try:
            tensors = load_file(file)
            curve = Curve(tensors["logits"].numpy(), tuple(tensors["losses"].tolist()))
        except (OSError, SafetensorError, KeyError) as cause:
            log.warning("the finished run in %s is damaged and will be done again: %s", self.folder, cause)
            return None
        mark_used(self.folder)
        return curve, under("state/", tensors)

    def keep(self, curve: Curve, state: Mapping[str, Tensor] | None = None) -> None:
        """Write the result, then let the checkpoint go. Raises `StoreError` where it cannot be written."""
        tensors = {f"state/{name}": plain(tensor) for name, tensor in (state or {}).items()}
        tensors["logits"] = torch.from_numpy(np.ascontiguousarray(curve.logits))
        tensors["losses"] = torch.tensor(curve.losses, dtype=torch.float64)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            write_atomically(self.folder / FILE, save(tensors))
        except OSError as cause:
            raise StoreError(f"the run cannot be stored in {self.folder}: {cause}; make room there") from cause
        shutil.rmtree(self.folder / "run", ignore_errors=True)
