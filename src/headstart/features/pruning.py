"""What can go: leavings of crashes, shards that are small or hold rows twice, shelves and runs that nobody asks for."""

from __future__ import annotations

import contextlib
import shutil
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from headstart.errors import StoreError
from headstart.features.finished import KINDS, finished_runs
from headstart.features.inventory import all_shelves, folder_bytes, last_used, size_text
from headstart.features.merging import merge
from headstart.features.shard import TEMPORARY
from headstart.features.shelf import Shelf

STALE = timedelta(days=1)  # a temporary file this old belongs to no living writer
TRASH = ".trash-"


@dataclass(frozen=True)
class Pruned:
    """What pruning did; the bytes are those of shelves and finished runs together."""

    shelves: int
    temporary_files: int
    shards_merged: int
    bytes_before: int
    bytes_after: int
    runs: int = 0

    def __str__(self) -> str:
        return (
            f"removed {self.shelves} shelves, {self.runs} finished runs and {self.temporary_files} temporary files, "
            f"{self.shards_merged} shards merged away: {size_text(self.bytes_before)} before, "
            f"{size_text(self.bytes_after)} now"
        )


@dataclass(frozen=True)
class _Kept:
    """A shelf's folder or a finished run's, and when it was last asked for."""

    folder: Path
    last_used: datetime
    is_shelf: bool


def prune(features: Path, *, older_than: timedelta | None = None, max_size: int | None = None) -> Pruned:
    """Sweep, merge, and remove the shelves and finished runs (beside the folder `features`) that are unused for
    `older_than` or do not fit into `max_size` bytes.

    Raises `StoreError` when the store cannot be written.
    """
    places = [features, *(features.parent / kind for kind in KINDS)]
    before, swept = _bytes(places), sum(_sweep(place) for place in places)
    shelves = all_shelves(features)[0]
    oldest_first = sorted([*map(_kept, shelves), *_runs(features.parent)], key=lambda kept: kept.last_used)
    doomed = [kept for kept in oldest_first if older_than and kept.last_used < datetime.now(UTC) - older_than]
    gone = {kept.folder for kept in doomed}
    merged = sum(merge(shelf.indexing) for shelf in shelves if shelf.folder not in gone and shelf.exists)
    doomed += _unfitting([kept for kept in oldest_first if kept not in doomed], max_size)
    for kept in doomed:
        _remove(kept.folder)
    removed = sum(kept.is_shelf for kept in doomed)
    return Pruned(removed, swept, merged, before, _bytes(places), len(doomed) - removed)


def _kept(shelf: Shelf) -> _Kept:
    return _Kept(shelf.folder, last_used(shelf), is_shelf=True)


def _runs(root: Path) -> list[_Kept]:
    return [_Kept(run.folder, run.last_used, is_shelf=False) for kind in KINDS for run in finished_runs(root, kind)]


def _bytes(places: Sequence[Path]) -> int:
    return sum(folder_bytes(place) for place in places)


def _unfitting(oldest_first: Sequence[_Kept], max_size: int | None) -> list[_Kept]:
    """The longest unused ones, as many as must go for the rest to fit."""
    sizes = [folder_bytes(kept.folder) for kept in oldest_first]
    return [kept for i, kept in enumerate(oldest_first) if max_size is not None and sum(sizes[i:]) > max_size]


def _sweep(features: Path) -> int:
    """Remove temporary files that no living writer can own."""
    swept = 0
    for path in [*features.rglob(f"{TEMPORARY}*"), *features.glob(f"{TRASH}*")]:
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > STALE.total_seconds():
                shutil.rmtree(path) if path.is_dir() else path.unlink()
                swept += 1
    return swept


def _remove(folder: Path) -> None:
    """Rename first, so that no reader meets half of it."""
    trash = folder.with_name(f"{TRASH}{uuid.uuid4().hex}")
    try:
        folder.rename(trash)
        shutil.rmtree(trash)
    except OSError as cause:
        raise StoreError(f"{folder} cannot be removed: {cause}") from cause
