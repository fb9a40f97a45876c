"""Merging changes how rows lie, never which rows there are."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.errors import StoreError
from headstart.features import merging
from headstart.features.catalogue import Catalogue
from headstart.features.merging import merge

KEY = {"fingerprint": "f" * 64, "layer": "last", "pooling": "mean", "dtype": "float16", "view": 0}


def shards(shelf):
    return sorted(shelf.indexing.shards.iterdir())


@pytest.fixture
def scattered(store, keyed):
    digests, X = keyed(range(60))
    shelf = store.shelf(KEY)
    for start in range(0, 60, 6):
        shelf.put(digests[start : start + 6], X[start : start + 6])
    return shelf, digests, X


def test_small_shards_become_few(scattered, monkeypatch):
    shelf, digests, X = scattered
    monkeypatch.setattr(merging, "LARGEST", 24)
    assert merge(shelf.indexing) == 7
    assert len(shards(shelf)) == 3
    np.testing.assert_array_equal(shelf.rows(digests), X)
    shelf.indexing.path.unlink()
    np.testing.assert_array_equal(shelf.rows(digests), X)


def test_both_precisions_survive(store, keyed):
    digests, X = keyed(range(8))
    X[::2] *= 1e6
    shelf = store.shelf(KEY)
    for at in range(0, 8, 2):
        shelf.put(digests[at : at + 2], X[at : at + 2])
    assert len(shards(shelf)) == 8
    merge(shelf.indexing)
    assert len(shards(shelf)) == 2
    np.testing.assert_array_equal(shelf.rows(digests), X)


def test_nothing_to_do_does_nothing(store, keyed):
    shelf = store.shelf(KEY)
    shelf.put(*keyed(range(9)))
    before = shards(shelf)
    assert merge(shelf.indexing) == 0 and shards(shelf) == before


def test_damaged_rows_are_left_behind(scattered):
    shelf, digests, X = scattered
    content = bytearray(shards(shelf)[0].read_bytes())
    content[-1] ^= 1
    shards(shelf)[0].write_bytes(content)
    merge(shelf.indexing)
    loaded = shelf.load(digests)
    assert (~loaded.known).sum() == 1
    np.testing.assert_array_equal(loaded.X[loaded.known], X[loaded.known])


def test_rows_stored_twice_are_kept_once(scattered, tmp_path):
    shelf, digests, X = scattered
    for path in shards(shelf)[:5]:
        (path.parent / f"copy{path.name}").write_bytes(path.read_bytes())
    assert len(shards(shelf)) == 15
    merge(shelf.indexing)
    [path] = shards(shelf)
    np.testing.assert_array_equal(shelf.rows(digests), X)
    assert path.stat().st_size < 60 * (5 * 2 + 32 + 4) + 500


def test_a_full_disk_loses_nothing(scattered, monkeypatch):
    shelf, digests, X = scattered

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(merging, "write_shard", full)
    with pytest.raises(StoreError, match="make room"):
        merge(shelf.indexing)
    np.testing.assert_array_equal(shelf.rows(digests), X)


def test_rows_that_another_merge_moves_in_meanwhile_stay(store, keyed, monkeypatch):
    """Both saw the old shard in use and the other's new one empty; the other was quicker."""
    digests, X = keyed(range(9))
    shelf = store.shelf(KEY)
    shelf.put(digests, X)
    [old] = shards(shelf)
    new = old.with_name(f"other{old.name}")
    new.write_bytes(old.read_bytes())
    shelf.indexing.refresh()  # knows the new shard, every row still lies in the old one
    seen = merging._open

    def overtaken(indexing, name):
        if old.exists():
            with Catalogue(indexing.path) as index, index.writing():
                index.add([(new.name, digests, range(9))], replace=True)
                index.drop([old.name])
            old.unlink()
        return seen(indexing, name)

    monkeypatch.setattr(merging, "_open", overtaken)
    assert merge(shelf.indexing) == 0
    assert shards(shelf) == [new]
    np.testing.assert_array_equal(shelf.rows(digests), X)
