"""Rows are found even while shards are merged under the reader's hands."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.features.merging import merge

KEY = {"fingerprint": "f" * 64, "layer": "last", "pooling": "mean", "dtype": "float16", "view": 0}


def test_a_merge_between_look_up_and_reading_does_no_harm(store, keyed, monkeypatch):
    digests, X = keyed(range(30))
    shelf = store.shelf(KEY)
    for start in range(0, 30, 10):
        shelf.put(digests[start : start + 10], X[start : start + 10])
    locate, merged = shelf.indexing.locate, []

    def locate_then_merge(wanted):
        found = locate(wanted)
        if not merged:
            merged.append(merge(store.shelf(KEY).indexing))
        return found

    monkeypatch.setattr(shelf.indexing, "locate", locate_then_merge)
    np.testing.assert_array_equal(shelf.rows(digests), X)
    assert merged == [2]


def test_only_what_is_lacking_is_read_again(store, keyed):
    digests, X = keyed(range(10))
    shelf = store.shelf(KEY)
    shelf.put(digests[:5], X[:5])
    loaded = shelf.load(digests)
    loaded.X[0] = 77  # would be overwritten if it were read again
    shelf.put(digests, X)
    again = shelf.load(digests, begun=loaded)
    assert again is loaded and again.known.all() and (loaded.X[0] == 77).all()
    np.testing.assert_array_equal(again.X[1:], X[1:])


@pytest.mark.parametrize("widths", [(5, 7), (7, 5)])
def test_rows_of_another_width_are_computed_again(store, keyed, widths):
    shelf = store.shelf(KEY)
    for at, width in enumerate(widths):
        digests, X = keyed([at], width=width)
        shelf.put(digests, X)
    loaded = shelf.load(keyed([0, 1])[0])
    assert loaded.known.sum() == 1 and loaded.X.shape[1] in widths
