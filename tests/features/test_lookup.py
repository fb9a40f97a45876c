"""What stands in the key, and rows that come back damaged."""

from __future__ import annotations

import pytest

from headstart.errors import StoreError
from headstart.features.extraction import extract
from headstart.features.lookup import key
from headstart.features.shelf import Shelf


def test_the_key_names_everything_but_the_content_and_the_name(counting):
    one, twin, heavier = counting(), counting(name="renamed"), counting(scale=2.0)
    base = key(one, "last", pooling="mean", dtype="float16")
    assert key(twin, "last", pooling="mean", dtype="float16") == base
    others = [
        key(heavier, "last", pooling="mean", dtype="float16"),
        key(one, "low", pooling="mean", dtype="float16"),
        key(one, "last", pooling="max", dtype="float16"),
        key(one, "last", pooling="mean", dtype="float32"),
    ]
    assert all(other != base for other in others)


def test_a_disk_that_forgets_is_an_error_not_an_endless_loop(counting, dataset_of, store, monkeypatch):
    monkeypatch.setattr(Shelf, "put", lambda self, digests, X: 0)
    backbone = counting()
    with pytest.raises(StoreError, match="come back damaged"):
        extract(dataset_of(["a", "b"]), backbone, store=store)
    assert backbone.rows <= 2 * 3
