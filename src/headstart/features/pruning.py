"""What can go: leavings of crashes, shards that are small or hold rows twice, shelves nobody asks for."""

from __future__ import annotations

import contextlib
import shutil
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from headstart.errors import StoreError
from headstart.features.inventory import all_shelves, folder_bytes, last_used, size_text
from headstart.features.merging import merge
from headstart.features.shard import TEMPORARY
from headstart.features.shelf import Shelf

STALE = timedelta(days=1)  # a temporary file this old belongs to no living writer
TRASH = ".trash-"


@dataclass(frozen=True)
class Pruned:
    """What pruning did."""

    shelves: int
    temporary_files: int
    shards_merged: int
    bytes_before: int
    bytes_after: int

    def __str__(self) -> str:
        return (
            f"removed {self.shelves} shelves and {self.temporary_files} temporary files, {self.shards_merged} shards "
            f"merged away: {size_text(self.bytes_before)} before, {size_text(self.bytes_after)} now"
        )


def prune(features: Path, *, older_than: timedelta | None = None, max_size: int | None = None) -> Pruned:
    """Sweep, merge, and remove the shelves that are unused for `older_than` or do not fit into `max_size` bytes.

    Raises `StoreError` when the store cannot be written.
    """
    before, swept = folder_bytes(features), _sweep(features)
    oldest_first = sorted(all_shelves(features)[0], key=last_used)
    doomed = [shelf for shelf in oldest_first if older_than and last_used(shelf) < datetime.now(UTC) - older_than]
    kept = [shelf for shelf in oldest_first if shelf not in doomed]
    merged = sum(merge(shelf.indexing) for shelf in kept if shelf.exists)
    doomed += _unfitting(kept, max_size)
    for shelf in doomed:
        _remove(shelf)
    return Pruned(len(doomed), swept, merged, before, folder_bytes(features))


def _unfitting(oldest_first: list[Shelf], max_size: int | None) -> list[Shelf]:
    """The longest unused shelves, as many as must go for the rest to fit."""
    sizes = [folder_bytes(shelf.folder) for shelf in oldest_first]
    return [shelf for i, shelf in enumerate(oldest_first) if max_size is not None and sum(sizes[i:]) > max_size]


def _sweep(features: Path) -> int:
    """Remove temporary files that no living writer can own."""
    swept = 0
    for path in [*features.rglob(f"{TEMPORARY}*"), *features.glob(f"{TRASH}*")]:
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > STALE.total_seconds():
                shutil.rmtree(path) if path.is_dir() else path.unlink()
                swept += 1
    return swept


def _remove(shelf: Shelf) -> None:
    """Rename first, so that no reader meets half a shelf."""
    trash = shelf.folder.with_name(f"{TRASH}{uuid.uuid4().hex}")
    try:
        shelf.folder.rename(trash)
        shutil.rmtree(trash)
    except OSError as cause:
        raise StoreError(f"{shelf.folder} cannot be removed: {cause}") from cause
