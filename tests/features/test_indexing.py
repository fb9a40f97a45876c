"""The index knows every shard in the folder; what goes wrong is one sentence."""

from __future__ import annotations

import sqlite3

import pytest

from headstart.errors import StoreError
from headstart.features.indexing import Indexing, shard_names, unusable

KEY = {"fingerprint": "f" * 64, "layer": "last", "pooling": "mean", "dtype": "float16", "view": 0}


def test_rows_of_another_process_are_seen_at_once(store, keyed):
    first, second = store.shelf(KEY), store.shelf(KEY)
    first.put(*keyed(range(3)))
    assert second.find(keyed(range(3))[0]).all()
    second.put(*keyed(range(3, 6)))
    assert first.find(keyed(range(6))[0]).all()


def test_a_shelf_pruned_by_another_process_is_empty_and_can_be_filled(store, keyed):
    shelf = store.shelf(KEY)
    digests, X = keyed(range(3))
    shelf.put(digests, X)
    store.prune(max_size=0)
    assert not shelf.find(digests).any() and len(shelf) == 0
    shelf.put(digests, X)
    assert shelf.find(digests).all()


def test_a_locked_index_is_reported_not_rebuilt(tmp_path, monkeypatch):
    (tmp_path / "shards").mkdir()
    indexing = Indexing(tmp_path, "e" * 64)
    indexing.refresh()

    def locked(index):
        error = sqlite3.OperationalError("database is locked")
        error.sqlite_errorcode = sqlite3.SQLITE_BUSY
        raise error

    with pytest.raises(StoreError, match="database is locked"):
        indexing.ask(locked)
    assert indexing.path.exists()


def test_advice_depends_on_the_cause(tmp_path):
    assert "make room" in str(unusable(tmp_path, OSError(28, "No space left on device")))
    assert "make it writable" in str(unusable(tmp_path, PermissionError(13, "Permission denied")))


def test_temporary_files_are_no_shards(tmp_path):
    for name in ("a.safetensors", ".tmp-b", ".tmp-c.safetensors", "notes.txt"):
        (tmp_path / name).write_text("")
    assert shard_names(tmp_path) == {"a.safetensors"}
    assert shard_names(tmp_path / "gone") == set()
