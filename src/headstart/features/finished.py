"""Finished runs in the store, beside the features: a folder per run, named by the digest of all that made it."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from string import hexdigits

KINDS = ("networks", "studies", "tuned")  # the folders of the store that hold them; nothing else is ever removed


@dataclass(frozen=True)
class FinishedRun:
    """One run's folder, what it takes, and when it was last written to or asked for."""

    folder: Path
    bytes: int
    last_used: datetime


def finished_runs(root: Path, kind: str) -> list[FinishedRun]:
    """The runs of one kind in the store at `root`, those that are still going on among them; by name."""
    place = root / kind
    folders = sorted(place.iterdir()) if place.is_dir() else []
    runs = [_run(path) for path in folders if len(path.name) == 64 and set(path.name) <= set(hexdigits)]
    return [run for run in runs if run is not None]


def mark_used(folder: Path) -> None:
    """Note that a run was asked for just now, so that pruning leaves it."""
    with contextlib.suppress(OSError):  # a store that may only be read is no obstacle
        os.utime(folder)


def _run(folder: Path) -> FinishedRun | None:
    """None where it is no folder, or was removed just now."""
    size, used = 0, 0.0
    if not folder.is_dir():
        return None
    for path in (folder, *folder.rglob("*")):
        with contextlib.suppress(OSError):
            about = path.stat()
            size += 0 if path.is_dir() else about.st_size
            used = max(used, about.st_mtime)
    return FinishedRun(folder, size, datetime.fromtimestamp(used, UTC)) if used else None
