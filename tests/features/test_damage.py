"""Whatever happens to the files, a wrong row is never returned and a lost one is computed again."""

from __future__ import annotations

import logging
import shutil
import sqlite3

import numpy as np
import pytest

from headstart.errors import StoreError
from headstart.features.extraction import extract

KEY = {"fingerprint": "f" * 64, "layer": "last", "pooling": "mean", "dtype": "float16", "view": 0}


@pytest.fixture
def filled(store, keyed):
    """A shelf of 64 rows in two shards; its digests, rows and shard paths."""
    digests, X = keyed(range(64))
    shelf = store.shelf(KEY)
    shelf.put(digests[:40], X[:40])
    shelf.put(digests[40:], X[40:])
    return shelf, digests, X, sorted(shelf.indexing.shards.iterdir(), key=lambda path: -path.stat().st_size)


def flip(path, offset, bit=0):
    content = bytearray(path.read_bytes())
    content[offset] ^= 1 << bit
    path.write_bytes(content)


def assert_only_right_rows(loaded, X):
    if loaded.X is not None:
        np.testing.assert_array_equal(loaded.X[loaded.known], X[loaded.known])


@pytest.mark.parametrize("index", ["kept", "deleted"])
def test_a_flipped_bit_in_the_data_costs_exactly_its_row(filled, index):
    shelf, digests, X, (path, _) = filled
    whole, rng = path.read_bytes(), np.random.default_rng(0)
    data = 8 + int.from_bytes(whole[:8], "little")
    for offset in rng.integers(data, len(whole), 20).tolist():
        if index == "deleted":
            shelf.indexing.path.unlink(missing_ok=True)
        flip(path, offset, bit=int(rng.integers(8)))
        loaded = shelf.load(digests)
        assert (~loaded.known).sum() == 1 and not loaded.known[:40].all()
        assert_only_right_rows(loaded, X)
        path.write_bytes(whole)
        shelf.indexing.path.unlink()


def test_a_flipped_value_bit_costs_one_row_which_is_computed_again(store, counting, dataset_of, caplog):
    backbone, items = counting(), [f"text {n}" for n in range(30)]
    right = extract(dataset_of(items), backbone, store=store)["last"].X
    [path] = store.root.rglob("*.safetensors")
    flip(path, path.stat().st_size - 30 * 32 - 5)  # within the values or their checksums
    with caplog.at_level(logging.WARNING):
        features = extract(dataset_of(items), backbone, store=store)["last"]
    assert features.computed == 1 and backbone.rows == 31
    assert "1 rows are damaged and will be computed again" in caplog.text
    np.testing.assert_array_equal(features.X, right)
    assert extract(dataset_of(items), backbone, store=store)["last"].computed == 0


@pytest.mark.parametrize("keep", [0, 4, 100, 0.5, -1])
def test_a_truncated_shard_costs_its_own_rows(filled, keep):
    shelf, digests, X, (path, _) = filled
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.truncate(size + keep if keep < 0 else int(keep * size) if 0 < keep < 1 else keep)
    loaded = shelf.load(digests)
    assert loaded.known[40:].all() and not loaded.known[:40].any()
    assert_only_right_rows(loaded, X)
    assert shelf.put(digests, X) == 40
    np.testing.assert_array_equal(shelf.rows(digests), X)


def test_a_removed_shard_costs_its_own_rows(filled):
    shelf, digests, _, (path, _) = filled
    path.unlink()
    loaded = shelf.load(digests)
    assert loaded.known[40:].all() and not loaded.known[:40].any()
    assert len(shelf) == 24


def test_a_foreign_shard_is_left_out(filled, store, keyed, caplog):
    shelf, digests, X, _ = filled
    other = store.shelf({**KEY, "layer": "other"})
    foreign, Y = keyed(range(64, 80))
    other.put(foreign, Y)
    [path] = other.indexing.shards.iterdir()
    shutil.copy(path, shelf.indexing.shards)
    (shelf.indexing.shards / "notes.safetensors").write_text("not a shard")
    with caplog.at_level(logging.WARNING):
        assert not shelf.find(foreign).any()
    assert "belongs to another extractor" in caplog.text and "is damaged" in caplog.text
    caplog.clear()
    np.testing.assert_array_equal(shelf.rows(digests), X)
    assert not caplog.text, "a shard that cannot be used is told once"


def test_a_deleted_index_is_made_from_the_shards(filled):
    shelf, digests, X, _ = filled
    shelf.indexing.path.unlink()
    np.testing.assert_array_equal(shelf.rows(digests), X)


def test_a_stale_index_learns_what_was_written_since(filled, store, keyed):
    shelf, digests, X, _ = filled
    old = shelf.indexing.path.read_bytes()
    more, Y = keyed(range(64, 90))
    shelf.put(more, Y)
    shelf.indexing.path.write_bytes(old)
    np.testing.assert_array_equal(shelf.rows([*digests, *more]), np.concatenate([X, Y]))


@pytest.mark.parametrize("damage", ["noise", "truncated", "flipped", "empty", "foreign version", "another database"])
def test_a_damaged_index_is_made_anew(filled, damage, caplog):
    shelf, digests, X, _ = filled
    path = shelf.indexing.path
    if damage == "noise":
        path.write_bytes(np.random.default_rng(0).bytes(5000))
    elif damage == "truncated":
        path.write_bytes(path.read_bytes()[:6000])
    elif damage == "flipped":
        content = bytearray(path.read_bytes())
        content[4096:] = bytes(byte ^ 0x55 for byte in content[4096:])
        path.write_bytes(content)
    elif damage == "empty":
        path.write_bytes(b"")
    else:
        path.unlink()
        connection = sqlite3.connect(path)
        statement = "pragma user_version = 77" if damage == "foreign version" else "create table shards (other text)"
        connection.execute(statement)
        connection.close()
    np.testing.assert_array_equal(shelf.rows(digests), X)


def test_an_index_that_points_to_other_rows_never_gives_them(filled):
    shelf, digests, X, _ = filled
    connection = sqlite3.connect(shelf.indexing.path)
    with connection:
        connection.execute("update rows set row = row + 1")
    connection.close()
    loaded = shelf.load(digests)
    assert not loaded.known.any()
    assert shelf.put(digests, X) == 64
    np.testing.assert_array_equal(shelf.rows(digests), X)


def test_a_shelf_written_in_an_older_format_is_left_alone_and_named(store, keyed, monkeypatch):
    digests, X = keyed(range(5))
    monkeypatch.setattr("headstart.features.store.FORMAT", 0)
    store.shelf(KEY, name="net").put(digests, X)
    monkeypatch.undo()
    shelf = store.shelf(KEY, name="net")
    assert not shelf.find(digests).any()
    assert (
        "written by another version of headstart" in shelf.why_missing() and "format 0 (now 1)" in shelf.why_missing()
    )


def test_a_description_that_does_not_fit_its_folder_is_refused(store, keyed):
    shelf = store.shelf(KEY)
    shelf.put(*keyed(range(3)))
    wrong = shelf.folder.with_name("0" * 64)
    shutil.copytree(shelf.folder, wrong)
    with pytest.raises(StoreError, match="describes another extractor"):
        type(shelf).opened(wrong)
    assert len(store.shelves()) == 1
    assert len(store.list().unreadable) == 1
