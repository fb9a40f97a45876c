"""Where a run stands, on disk, whole or not at all: `kill -9` costs no more than the steps since the last one."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from headstart.backbones.fingerprint import fingerprint
from headstart.errors import TrainingError
from headstart.training.processes import share
from headstart.training.sharding import all_dealt_like, dealt_like, is_sharded, whole

FORMAT = 2


class Companion(Protocol):
    """What else a run remembers between its steps: the best weights, an average, a scaler."""

    def state(self) -> dict[str, Tensor]:
        """All of it, as tensors."""
        ...

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Go on from there."""
        ...


class Checkpoint:
    """A folder with the last states of one run; restoring takes the newest that is whole.

    A state is one safetensors file: weights, optimizer tensors and those of the run's companions by name, and JSON in
    its header with the step and the optimizer's settings. Schedule, sampler and random numbers are functions of the
    step, so the step is their position.

    run    names all that made the run (data, recipe, seed); a state of another run is refused
    every  steps between states
    keep   states kept: two, so that a damaged one costs little; more for a soup of them
    """

    def __init__(self, folder: Path, *, run: str, every: int = 200, keep: int = 2) -> None:
        if every < 1 or keep < 1:
            raise ValueError(f"every ({every}) and keep ({keep}) must be at least 1")
        self.folder, self.run, self.every, self.keep = folder, run, every, keep

    def step_done(
        self,
        step: int,
        model: nn.Module,
        optimizer: torch.optim.Optimizer,
        companions: Mapping[str, Companion] | None = None,
    ) -> None:
        """Save if it is time."""
        if step % self.every == 0:
            self.save(step, model, optimizer, companions)

    def save(
        self,
        step: int,
        model: nn.Module,
        optimizer: torch.optim.Optimizer,
        companions: Mapping[str, Companion] | None = None,
    ) -> None:
        """Write the state after `step` steps, then drop all but the last ones. Raises `TrainingError` (disk full…).

        Of processes that train together, the first writes; where weights are sharded, all must call.
        """
        writes = share().is_first
        if not writes and not is_sharded(model):
            return
        state = optimizer.state_dict()
        parts = {"model": model.state_dict()}
        parts |= {f"optimizer/{index}": values for index, values in state["state"].items()}
        parts |= {name: companion.state() for name, companion in (companions or {}).items()}
        tensors = {}
        for part, values in parts.items():
            for name, tensor in values.items():
                gathered = whole(tensor)  # one at a time: only the process that writes holds all of them
                if writes:
                    tensors[f"{part}/{name}"] = plain(gathered)
        if not writes:
            return
        about = {"format": FORMAT, "run": self.run, "step": step, "groups": state["param_groups"]}
        about["companions"] = sorted(companions or {})
        about["checksum"] = fingerprint(tensors, {})
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            write_atomically(self.folder / f"step-{step:09d}.safetensors", save(tensors, {"about": json.dumps(about)}))
            for old in self._files()[self.keep :]:
                old.unlink(missing_ok=True)
        except OSError as cause:
            raise TrainingError(f"no checkpoint can be written to {self.folder}: {cause}; make room there") from cause

    def restore(
        self, model: nn.Module, optimizer: torch.optim.Optimizer, companions: Mapping[str, Companion] | None = None
    ) -> int:
        """Load the newest whole state into model, optimizer and companions; the number of steps done, 0 for none.

        Raises `TrainingError` when the state is of another run.
        """
        for path in self._files():
            loaded = _load(path)
            if loaded is None:
                continue  # torn by a full disk or a flipped bit: the one before it is as good, only older
            about, tensors = loaded
            if about["run"] != self.run:
                raise TrainingError(f"{path} is of another run ({about['run']}, not {self.run}); use another folder")
            if about["companions"] != sorted(companions or {}):
                raise TrainingError(
                    f"{path} is of a run with other options: it keeps {', '.join(about['companions']) or 'nothing'} "
                    f"beside the weights, not {', '.join(sorted(companions or {})) or 'nothing'}; use another folder"
                )
            model.load_state_dict(all_dealt_like(under("model/", tensors), model.state_dict()))
            optimizer.load_state_dict({"state": _optimizer_state(tensors, optimizer), "param_groups": about["groups"]})
            for name, companion in (companions or {}).items():
                companion.load_state(under(f"{name}/", tensors))
            return int(about["step"])
        return 0

    def weights(self, *, last: int) -> list[dict[str, Tensor]]:
        """The model's weights in the newest `last` states that are whole and of this run, newest first."""
        found: list[dict[str, Tensor]] = []
        for path in self._files():
            loaded = _load(path)
            if loaded is not None and loaded[0]["run"] == self.run and len(found) < last:
                found.append(under("model/", loaded[1]))
        return found

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob("step-*.safetensors"), reverse=True)


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file that is either whole or not there: temporary name, fsync, rename, fsync of the folder."""
    temporary = path.with_name(f".tmp-{uuid.uuid4().hex}")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":
        return  # Windows opens no folders
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _load(path: Path) -> tuple[dict[str, Any], dict[str, Tensor]] | None:
    """Header and tensors; None when the file is torn, damaged or of another format."""
    try:
        with safe_open(path, framework="pt") as file:
            about = json.loads((file.metadata() or {}).get("about", "{}"))
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  (no dict)
    except (OSError, SafetensorError, json.JSONDecodeError):
        return None
    whole = about.get("format") == FORMAT and about["checksum"] == fingerprint(tensors, {})
    return (about, tensors) if whole else None


def plain(tensor: Tensor) -> Tensor:
    """A copy as safetensors wants it: on the CPU, contiguous, sharing no memory."""
    return tensor.detach().to("cpu", copy=True).contiguous()


def under(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The tensors whose names start with `prefix`, without it."""
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def _optimizer_state(tensors: dict[str, Tensor], optimizer: torch.optim.Optimizer) -> dict[int, dict[str, Tensor]]:
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]  # as numbered
    state: dict[int, dict[str, Tensor]] = {}
    for name, tensor in under("optimizer/", tensors).items():
        index, _, value = name.partition("/")
        of = parameters[int(index)]
        state.setdefault(int(index), {})[value] = dealt_like(tensor, of) if tensor.shape == of.shape else tensor
    return state
