"""A table digest → text that survives crashes: what was found out about an item is not found out again."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
import weakref
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Self

log = logging.getLogger(__name__)

_WAITING = 512  # entries written together
_SECONDS = 2.0  # ... or what came in this time
_TIMEOUT = 60.0
_TABLE = "create table if not exists memo (key blob primary key, value text not null) without rowid"


class Memo(MutableMapping[bytes, str]):
    """Entries are written in batches: a crash loses at most the last 512 entries or two seconds of them.

    Whatever is wrong with the file (damaged, locked, read-only) costs the memory, never the run: it is logged, and the
    table goes on without a file. Threads may share one; processes may open the same file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._waiting: dict[bytes, str] = {}
        self._lock = threading.RLock()
        self._last = time.monotonic()
        self._connection = _connect(path)
        self._finalizer = weakref.finalize(self, _write_and_close, self._connection, self._waiting, path)

    def __getitem__(self, key: bytes) -> str:
        with self._lock:
            if key in self._waiting:
                return self._waiting[key]
            row = self._connection.execute("select value from memo where key = ?", (key,)).fetchone()
        if row is None:
            raise KeyError(key)
        return str(row[0])

    def __setitem__(self, key: bytes, value: str) -> None:
        with self._lock:
            self._waiting[key] = value
            if len(self._waiting) >= _WAITING or time.monotonic() - self._last > _SECONDS:
                self.flush()

    def __delitem__(self, key: bytes) -> None:
        with self._lock:
            self.flush()
            if not self._connection.execute("delete from memo where key = ?", (key,)).rowcount:
                raise KeyError(key)

    def __iter__(self) -> Iterator[bytes]:
        with self._lock:
            self.flush()
            return iter([row[0] for row in self._connection.execute("select key from memo")])

    def __len__(self) -> int:
        with self._lock:
            self.flush()
            return int(self._connection.execute("select count(*) from memo").fetchone()[0])

    def flush(self) -> None:
        """Write what is waiting."""
        with self._lock:
            _write(self._connection, self._waiting, self.path)
            self._last = time.monotonic()

    def close(self) -> None:
        """Write what is waiting and let go of the file."""
        self._finalizer()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _connect(path: Path) -> sqlite3.Connection:
    for attempt in ("open", "make anew"):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            return _opened(path)
        except (OSError, sqlite3.OperationalError) as cause:
            log.warning("%s cannot be used (%s); nothing of it will be remembered", path, cause)
            break
        except sqlite3.DatabaseError as damage:
            log.warning("%s is damaged (%s) and begun anew", path, damage)
            if attempt == "open":
                for suffix in ("", "-wal", "-shm"):
                    path.with_name(path.name + suffix).unlink(missing_ok=True)
    return _opened(":memory:")


def _opened(path: Path | str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_TIMEOUT, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = normal")
        connection.execute(_TABLE)
        connection.execute("select count(*) from memo").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def _write(connection: sqlite3.Connection, waiting: dict[bytes, str], path: Path) -> None:
    if not waiting:
        return
    try:
        connection.execute("begin immediate")
        connection.executemany("insert or replace into memo values (?, ?)", list(waiting.items()))
        connection.execute("commit")
    except sqlite3.DatabaseError as cause:
        log.warning("%s cannot be written (%s); %d entries are not remembered", path, cause, len(waiting))
        if connection.in_transaction:
            connection.rollback()
    waiting.clear()


def _write_and_close(connection: sqlite3.Connection, waiting: dict[bytes, str], path: Path) -> None:
    _write(connection, waiting, path)
    connection.close()
