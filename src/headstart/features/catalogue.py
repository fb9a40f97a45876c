"""Where each row lies: a SQLite (WAL) index of one shelf. It can be made anew from the shards at any time."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Self, TypeAlias

Part: TypeAlias = tuple[str, Sequence[bytes], Sequence[int]]  # a shard's name, keys and the rows they lie in

SCHEMA = 1
_TABLES = """
create table if not exists shards (id integer primary key, name text unique not null, rows integer not null,
                                   problem text not null);
create table if not exists rows (digest blob primary key, shard integer not null, row integer not null) without rowid;
"""
_TIMEOUT = 60.0  # seconds to wait for another writer
_AT_ONCE = 500  # digests per query


class Catalogue:
    """An open index; use it in a `with` block. `in_memory` starts from what the file holds and never writes it."""

    def __init__(self, path: Path, *, in_memory: bool = False) -> None:
        self.connection = sqlite3.connect(
            ":memory:" if in_memory else path, timeout=_TIMEOUT, isolation_level=None, check_same_thread=False
        )
        try:
            if in_memory:
                self._copy(path)
            self._set_up(in_memory)
        except BaseException:
            self.connection.close()
            raise

    def _copy(self, path: Path) -> None:
        unmerged = path.with_name(f"{path.name}-wal")
        if not path.is_file() or (unmerged.is_file() and unmerged.stat().st_size):
            return  # what the log holds cannot be merged without writing: the shards are read instead
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as source:
            source.backup(self.connection)

    def _set_up(self, in_memory: bool) -> None:
        ask = self.connection.execute
        ask("pragma cache_size = -65536")
        if not in_memory and ask("pragma journal_mode").fetchone()[0] != "wal":
            _patiently(lambda: ask("pragma journal_mode = wal"))
        ask("pragma synchronous = normal")  # shards are synced by themselves; a lost entry is found again
        version = ask("pragma user_version").fetchone()[0]
        if version == 0:
            with self.writing():
                for statement in _TABLES.split(";"):
                    ask(statement)
                ask(f"pragma user_version = {SCHEMA}")
        elif version != SCHEMA:
            raise sqlite3.DatabaseError(f"index of version {version}, this is version {SCHEMA}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction: all of it or nothing."""
        _patiently(lambda: self.connection.execute("begin immediate"))
        try:
            yield
        except BaseException:
            self.connection.rollback()
            raise
        self.connection.execute("commit")

    def shards(self) -> dict[str, str]:
        """Name → problem ("" for a good one) of every shard that was looked at."""
        return dict(self.connection.execute("select name, problem from shards"))

    def locate(self, digests: Iterable[bytes]) -> dict[bytes, tuple[str, int]]:
        """digest → (shard name, row) for those that are known."""
        ordered = sorted(set(digests))  # neighbours in the tree are read together
        found: dict[bytes, tuple[str, int]] = {}
        for start in range(0, len(ordered), _AT_ONCE):
            part = ordered[start : start + _AT_ONCE]
            query = (
                "select digest, name, row from rows join shards on shards.id = rows.shard "
                f"where digest in ({','.join('?' * len(part))})"
            )
            found.update((digest, (name, row)) for digest, name, row in self.connection.execute(query, part))
        return found

    def add(self, parts: Sequence[Part], *, replace: bool = False) -> None:
        """Enter shards and their rows (inside `writing`); the first to come keeps a key unless `replace`."""
        entries: list[tuple[bytes, int, int]] = []
        for name, digests, rows in parts:
            shard = self._enter(name, len(rows), "")
            entries += ((digest, shard, row) for digest, row in zip(digests, rows, strict=True))
        entries.sort()  # neighbours in the tree are written together
        verb = "replace" if replace else "ignore"
        self.connection.executemany(f"insert or {verb} into rows values (?, ?, ?)", entries)

    def add_unusable(self, name: str, problem: str) -> None:
        """Remember a shard that cannot be read, so that it is not tried again at every look-up."""
        self._enter(name, 0, problem)

    def _enter(self, name: str, rows: int, problem: str) -> int:
        self.connection.execute(
            "insert into shards (name, rows, problem) values (?, ?, ?) on conflict (name) do nothing",
            (name, rows, problem),
        )
        return int(self.connection.execute("select id from shards where name = ?", (name,)).fetchone()[0])

    def drop(self, names: Iterable[str]) -> None:
        """Forget shards and the rows that lie in them (inside `writing`)."""
        for name in names:
            self.connection.execute("delete from rows where shard = (select id from shards where name = ?)", (name,))
            self.connection.execute("delete from shards where name = ?", (name,))

    def forget(self, found: dict[bytes, tuple[str, int]]) -> None:
        """Forget rows, unless somebody has stored them elsewhere in the meantime."""
        with self.writing():
            self.connection.executemany(
                "delete from rows where digest = ? and row = ? and shard = (select id from shards where name = ?)",
                ((digest, row, name) for digest, (name, row) in found.items()),
            )

    def live(self) -> dict[str, list[int]]:
        """Shard name → the rows of it that are in use, in order."""
        rows: dict[str, list[int]] = {name: [] for name in self.shards()}
        query = "select name, row from rows join shards on shards.id = shard order by shard, row"
        for name, row in self.connection.execute(query):
            rows[name].append(row)
        return rows

    def holds_no_more_than(self, copied: Mapping[str, Iterable[int]]) -> bool:
        """Whether each of these shards is still known, and none of its rows is in use but those given."""
        known = {name: number for number, name in self.connection.execute("select id, name from shards")}
        if not known.keys() >= copied.keys():
            return False
        given = {known[name]: set(rows) for name, rows in copied.items()}
        used = self.connection.execute(f"select shard, row from rows where shard in ({','.join(map(str, given))})")
        return all(row in given[shard] for shard, row in used)

    def count_shards(self, *, below: int) -> int:
        """Usable shards with fewer rows than that."""
        query = "select count(*) from shards where rows < ? and problem = ''"
        return int(self.connection.execute(query, (below,)).fetchone()[0])

    def count(self) -> int:
        """Distinct rows."""
        return int(self.connection.execute("select count(*) from rows").fetchone()[0])


def _patiently(work: Callable[[], object]) -> None:
    """Changing the journal mode ignores SQLite's own timeout when another process does the same just now."""
    deadline = time.monotonic() + _TIMEOUT
    while True:
        try:
            work()
            return
        except sqlite3.OperationalError as busy:
            if busy.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
