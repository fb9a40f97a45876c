"""Pruning removes what it was told to, and leavings, and nothing else."""

from __future__ import annotations

import os
import time
from datetime import timedelta

import numpy as np
import pytest

from headstart.features.inventory import folder_bytes

KEY = {"fingerprint": "f" * 64, "layer": "last", "pooling": "mean", "dtype": "float16", "view": 0}
DAY = 86400


@pytest.fixture
def shelves(store, keyed):
    """Three shelves, last used 30, 20 and 0 days ago."""
    made = []
    for layer, days in (("a", 30), ("b", 20), ("c", 0)):
        shelf = store.shelf({**KEY, "layer": layer})
        shelf.put(*keyed(range(50)))
        age(shelf.folder / "meta.json", days)
        made.append(shelf)
    return made


def age(path, days):
    os.utime(path, (time.time() - days * DAY,) * 2)


def kept(store):
    return [shelf.extractor["layer"] for shelf in sorted(store.shelves(), key=lambda shelf: shelf.extractor["layer"])]


def test_shelves_unused_for_long_go(store, shelves):
    pruned = store.prune(older_than=timedelta(days=25))
    assert kept(store) == ["b", "c"] and pruned.shelves == 1
    assert pruned.bytes_after == folder_bytes(store.features) < pruned.bytes_before


def test_the_longest_unused_go_until_the_rest_fits(store, shelves):
    one = folder_bytes(shelves[0].folder)
    assert store.prune(max_size=2 * one).shelves == 1 and kept(store) == ["b", "c"]
    assert store.prune(max_size=2 * one).shelves == 0
    assert store.prune(max_size=0).shelves == 2 and kept(store) == []


def test_reading_counts_as_use(store, shelves, keyed):
    shelves[0].rows(keyed(range(5))[0])
    store.prune(older_than=timedelta(days=10))
    assert kept(store) == ["a", "c"]


def test_old_leavings_are_swept_and_young_ones_are_not(store, shelves):
    old, young = (shelves[2].indexing.shards / name for name in (".tmp-old", ".tmp-young"))
    for path in (old, young):
        path.write_bytes(b"half a shard")
    trash = store.features / ".trash-old"
    trash.mkdir()
    (trash / "x").write_text("")
    age(old, 2)
    age(trash, 2)
    assert store.prune().temporary_files == 2
    assert young.exists() and not old.exists() and not trash.exists()


def test_small_shards_are_merged(store, keyed):
    shelf = store.shelf(KEY)
    for name in range(5):
        shelf.put(*keyed([name]))
    pruned = store.prune()
    assert pruned.shards_merged == 4 and "4 shards merged away" in str(pruned)
    digests, X = keyed(range(5))
    np.testing.assert_array_equal(shelf.rows(digests), X)


def test_an_empty_store_is_fine(store):
    assert store.prune(older_than=timedelta(days=1), max_size=0).shelves == 0
