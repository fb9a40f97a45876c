"""The door to a shelf's index: open it, bring it up to date with the shards, mend it, or do without a file."""

from __future__ import annotations

import errno
import logging
import os
import sqlite3
import threading
import weakref
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

import numpy as np

from headstart.errors import StoreError
from headstart.features.catalogue import Catalogue, Part
from headstart.features.shard import SUFFIX, open_shard

log = logging.getLogger(__name__)
T = TypeVar("T")

_AT_ONCE = 64  # shards entered in one transaction
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_KEEPS_ITS_FILE = {  # errors that a new index would not cure
    sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_INTERRUPT,
}  # fmt: skip


class Indexing:
    """Gives out the index of one shelf for one piece of work at a time; nothing stays open in between."""

    def __init__(self, folder: Path, extractor: str) -> None:
        self.folder = folder
        self.extractor = extractor
        self.path = folder / "index.sqlite"
        self._lock = threading.Lock()
        self._in_memory: Catalogue | None = None

    @property
    def shards(self) -> Path:
        return self.folder / "shards"

    def ask(self, work: Callable[[Catalogue], T]) -> T:
        """The work's answer from an index that knows every shard in the folder.

        Raises `StoreError` when the index is locked for a minute, the disk is full or the folder is gone.
        """
        if not os.access(self.folder, os.W_OK):
            return self._ask_in_memory(work)
        try:
            return self._ask_file(work)
        except sqlite3.DatabaseError as damage:
            if _code(damage) in _KEEPS_ITS_FILE:
                raise unusable(self.folder, damage) from damage
            log.warning("%s cannot be used (%s); it is made anew from the shards", self.path, damage)
        try:
            for suffix in ("", "-wal", "-shm"):
                self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
            return self._ask_file(work)
        except (sqlite3.DatabaseError, OSError) as cause:
            raise unusable(self.folder, cause) from cause

    def refresh(self) -> None:
        """Enter what was written since; then every reader and every later process finds it by the index."""
        self.ask(lambda index: None)

    def locate(self, digests: Iterable[bytes]) -> dict[bytes, tuple[str, int]]:
        """digest → (shard name, row) for those that are stored."""
        return self.ask(lambda index: index.locate(digests))

    def forget(self, places: dict[bytes, tuple[str, int]]) -> None:
        """Drop damaged rows from the index, so that they count as missing."""
        self.ask(lambda index: index.forget(places))

    def _ask_file(self, work: Callable[[Catalogue], T]) -> T:
        with Catalogue(self.path) as index:
            self._update(index)
            return work(index)

    def _ask_in_memory(self, work: Callable[[Catalogue], T]) -> T:
        with self._lock:
            if self._in_memory is None:
                self._in_memory = self._open_in_memory()
                weakref.finalize(self, self._in_memory.connection.close)
            self._update(self._in_memory)
            return work(self._in_memory)

    def _open_in_memory(self) -> Catalogue:
        try:
            return Catalogue(self.path, in_memory=True)
        except sqlite3.DatabaseError as damage:
            log.warning("%s cannot be used (%s); the shards are read instead", self.path, damage)
            return Catalogue(self.path.with_name("none"), in_memory=True)

    def _update(self, index: Catalogue) -> None:
        """Enter shards that the index does not know, drop those that are gone."""
        present, known = shard_names(self.shards), index.shards()
        # A shard is renamed into place before it is indexed, and unlinked after: absent now means removed for good.
        gone = [name for name in known if name not in present and not (self.shards / name).exists()]
        new = sorted(present - known.keys())
        if gone:
            with index.writing():
                index.drop(gone)
        for start in range(0, len(new), _AT_ONCE):
            parts = [part for name in new[start : start + _AT_ONCE] if (part := self._examine(index, name))]
            with index.writing():
                index.add(parts)

    def _examine(self, index: Catalogue, name: str) -> Part | None:
        """A shard's keys and sound rows; None when it is gone or unusable, which is said once."""
        try:
            shard = open_shard(self.shards / name, extractor=self.extractor)
        except FileNotFoundError:
            return None
        except StoreError as cause:
            log.warning("%s; it is left out", cause)
            with index.writing():
                index.add_unusable(name, str(cause))
            return None
        everything = np.arange(len(shard))
        sound = everything[shard.sound(everything)]
        if len(sound) < len(shard):
            log.warning("%s: %d of %d rows are damaged and left out", shard.path, len(shard) - len(sound), len(shard))
        return name, shard.digests(sound), sound.tolist()


def shard_names(folder: Path) -> set[str]:
    """The shards in a folder; temporary files are none."""
    try:
        with os.scandir(folder) as entries:
            return {entry.name for entry in entries if entry.name.endswith(SUFFIX) and not entry.name.startswith(".")}
    except FileNotFoundError:  # pruned by another process
        return set()


def unusable(path: Path, cause: Exception) -> StoreError:
    """What a person can do when the store cannot be written."""
    full = _code(cause) == sqlite3.SQLITE_FULL or getattr(cause, "errno", None) in _FULL
    advice = (
        "make room there (`headstart store prune`) or point HEADSTART_STORE at another disk"
        if full
        else "make it writable or point HEADSTART_STORE at a folder that is"
    )
    return StoreError(f"the store cannot be written at {path}: {cause}; rows stored earlier are kept; {advice}")


def _code(cause: Exception) -> int | None:
    code = getattr(cause, "sqlite_errorcode", None)  # absent where the error is our own
    return None if code is None else code & 0xFF
