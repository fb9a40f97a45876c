"""What the store holds: rows, bytes and last use of each shelf, and the finished runs beside them."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from string import hexdigits

from headstart.errors import StoreError
from headstart.features.finished import KINDS, finished_runs
from headstart.features.indexing import shard_names
from headstart.features.shelf import META, Shelf


@dataclass(frozen=True)
class ShelfSummary:
    """One shelf: what made its rows, how many there are, what they take and when they were last asked for."""

    id: str
    name: str
    layer: str
    rows: int
    bytes: int
    shards: int
    last_used: datetime

    def __str__(self) -> str:
        return (
            f"{self.id[:12]}  {self.rows:>10,} rows  {size_text(self.bytes):>9}  {self.shards:>5} shards  "
            f"used {self.last_used:%Y-%m-%d}  {self.name} · {self.layer}"
        )


@dataclass(frozen=True)
class RunsSummary:
    """The finished runs of one kind ("networks", "studies", "tuned")."""

    kind: str
    count: int
    bytes: int
    last_used: datetime

    def __str__(self) -> str:
        return f"{self.kind:<12}  {self.count:>10,} runs  {size_text(self.bytes):>9}  used {self.last_used:%Y-%m-%d}"


@dataclass(frozen=True)
class Inventory:
    """What the store holds, largest shelf first; `unreadable` says which folders are no shelves of ours, and why.

    runs  of each kind that has any; `rows` and `bytes` are those of the shelves alone
    """

    root: str
    shelves: tuple[ShelfSummary, ...]
    unreadable: tuple[str, ...] = ()
    runs: tuple[RunsSummary, ...] = ()

    @property
    def rows(self) -> int:
        return sum(shelf.rows for shelf in self.shelves)

    @property
    def bytes(self) -> int:
        return sum(shelf.bytes for shelf in self.shelves)

    def __str__(self) -> str:
        head = f"{self.root}: {len(self.shelves)} shelves, {self.rows:,} rows, {size_text(self.bytes)}"
        beside = [f"not readable: {line}" for line in self.unreadable]
        return "\n".join([head, *map(str, self.shelves), *map(str, self.runs), *beside])


def inventory(features: Path) -> Inventory:
    """All shelves under the folder, and what there is beside them."""
    shelves, unreadable = all_shelves(features)
    summaries = sorted((_summary(shelf) for shelf in shelves), key=lambda summary: -summary.bytes)
    runs = [summary for kind in KINDS if (summary := _runs_summary(features.parent, kind))]
    return Inventory(str(features.parent), tuple(summaries), tuple(unreadable), tuple(runs))


def all_shelves(features: Path) -> tuple[list[Shelf], list[str]]:
    """The shelves that can be read, and a sentence for each folder that is none."""
    shelves: list[Shelf] = []
    problems: list[str] = []
    folders = sorted(features.iterdir()) if features.is_dir() else []
    for folder in folders:
        if folder.is_dir() and not folder.name.startswith(".") and not barely_begun(folder):
            try:
                shelves.append(Shelf.opened(folder))
            except StoreError as cause:
                problems.append(str(cause))
    return shelves, problems


def barely_begun(folder: Path) -> bool:
    """A writer was killed between making the folder and describing it: nothing was stored, nothing is lost."""
    is_shelf = len(folder.name) == 64 and set(folder.name) <= set(hexdigits)
    return is_shelf and not (folder / META).exists() and not any(folder.rglob("*.safetensors"))


def last_used(shelf: Shelf) -> datetime:
    """To the hour."""
    try:
        return datetime.fromtimestamp((shelf.folder / META).stat().st_mtime, UTC)
    except OSError:  # removed just now
        return datetime.now(UTC)


def folder_bytes(folder: Path) -> int:
    """All files below, whatever else happens to them meanwhile."""
    total = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):
            total += path.stat().st_size if path.is_file() else 0
    return total


def size_text(size: float) -> str:
    """Bytes for people.

    >>> size_text(1_234_567)
    '1.2 MB'
    """
    if size < 1000:
        return f"{size:.0f} B"
    for unit in ("kB", "MB", "GB"):
        size /= 1000
        if size < 1000:
            return f"{size:.1f} {unit}"
    return f"{size / 1000:.1f} TB"


def _summary(shelf: Shelf) -> ShelfSummary:
    layer = str(shelf.extractor.get("layer", ""))
    shards = len(shard_names(shelf.indexing.shards))
    return ShelfSummary(shelf.id, shelf.name, layer, len(shelf), folder_bytes(shelf.folder), shards, last_used(shelf))


def _runs_summary(root: Path, kind: str) -> RunsSummary | None:
    runs = finished_runs(root, kind)
    if not runs:
        return None
    return RunsSummary(kind, len(runs), sum(run.bytes for run in runs), max(run.last_used for run in runs))
