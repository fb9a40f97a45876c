"""Rows leave when enough came together, when time went by, and at the end."""

from __future__ import annotations

import logging

import numpy as np
import pytest

from headstart.errors import StoreError
from headstart.features import outbox as module
from headstart.features.outbox import Outbox

KEY = {"fingerprint": "f" * 64, "layer": "last", "pooling": "mean", "dtype": "float16", "view": 0}


def stored(shelf, digests):
    return int(shelf.find(digests).sum())


def test_nothing_waits_longer_than_told(store, keyed, monkeypatch):
    monkeypatch.setattr(module, "_ROWS", 4)
    shelf, (digests, X) = store.shelf(KEY), keyed(range(12))
    outbox = Outbox(shelf)
    for at, known in ((0, 0), (2, 4), (4, 4), (6, 8), (8, 8)):
        outbox.add(digests[at : at + 2], X[at : at + 2])
        assert stored(shelf, digests) == known
    monkeypatch.setattr(module, "_SECONDS", 0.0)
    outbox.add(digests[10:11], X[10:11])
    assert stored(shelf, digests) == 11
    outbox.add([], X[:0])
    outbox.send()
    np.testing.assert_array_equal(shelf.rows(digests[:11]), X[:11])


def test_large_rows_leave_earlier(store, keyed, monkeypatch):
    monkeypatch.setattr(module, "_BYTES", 60)
    shelf, (digests, X) = store.shelf(KEY), keyed(range(3))
    outbox = Outbox(shelf)
    outbox.add(digests[:2], X[:2])
    outbox.add(digests[2:], X[2:])
    assert stored(shelf, digests) == 3


def test_what_cannot_be_stored_is_not_tried_twice(store, keyed, monkeypatch, caplog):
    shelf, (digests, X) = store.shelf(KEY), keyed(range(3))
    tries = []

    def full(*_):
        tries.append(1)
        raise StoreError("disk full")

    monkeypatch.setattr(shelf, "put", full)
    outbox = Outbox(shelf)
    outbox.add(digests, X)
    with pytest.raises(StoreError, match="disk full"):
        outbox.send()
    outbox.save()
    assert len(tries) == 1
    outbox.add(digests, X)
    with caplog.at_level(logging.WARNING):
        outbox.save()
    assert "disk full" in caplog.text
