"""What the watched rows got after every round of a run, kept beside its checkpoint so that both go on together."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.numpy import load_file, save
from torch import nn

from headstart.arrays import Matrix
from headstart.training.checkpoint import Checkpoint, Companion, write_atomically

FILE = "looks.safetensors"


@dataclass(frozen=True, eq=False)
class Curve:
    """What was seen after each round; round 0 is the start, before any step.

    logits  (rounds + 1, n, C) of the watched rows
    losses  mean training loss per round
    """

    logits: Matrix
    losses: tuple[float, ...]

    @property
    def rounds(self) -> int:
        return len(self.losses)


@dataclass(eq=False)
class Looks:
    """Grows by one look per round."""

    logits: list[Matrix] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)

    def add(self, number: int, logits: Matrix, *, loss: float | None = None) -> None:
        """The look after round `number` (0: the start, without a loss); later ones are forgotten."""
        self.logits[number:] = [logits]
        if loss is not None:
            self.losses[number - 1 :] = [loss]

    @property
    def curve(self) -> Curve:
        return Curve(np.stack(self.logits), tuple(self.losses))


class RoundCheckpoint(Checkpoint):
    """A checkpoint that is written when the caller has looked: `commit(looks)` between two rounds."""

    def __init__(self, folder: Path, *, run: str) -> None:
        super().__init__(folder, run=run)
        self._here: tuple[int, nn.Module, torch.optim.Optimizer, Mapping[str, Companion] | None] | None = None

    def step_done(
        self,
        step: int,
        model: nn.Module,
        optimizer: torch.optim.Optimizer,
        companions: Mapping[str, Companion] | None = None,
    ) -> None:
        """Remember where the run stands; nothing is written."""
        self._here = (step, model, optimizer, companions)

    def commit(self, looks: Looks) -> None:
        """Write the looks, then the state after the last step."""
        assert self._here is not None, "commit follows a step"
        self.folder.mkdir(parents=True, exist_ok=True)
        arrays = {"logits": np.stack(looks.logits), "losses": np.array(looks.losses)}
        write_atomically(self.folder / FILE, save(arrays))
        self.save(*self._here)

    def looks(self) -> Looks:
        """Those of the interrupted run. Where they are missing or damaged, its state is let go as well."""
        try:
            arrays = load_file(self.folder / FILE)
            return Looks(list(arrays["logits"]), arrays["losses"].tolist())
        except (OSError, SafetensorError, KeyError):
            shutil.rmtree(self.folder, ignore_errors=True)
            return Looks()
