"""The listing counts what is there."""

from __future__ import annotations

from datetime import UTC, datetime

from headstart.features.inventory import size_text

KEY = {"fingerprint": "f" * 64, "layer": "last", "pooling": "mean", "dtype": "float16", "view": 0}


def test_rows_bytes_and_names(store, keyed):
    store.shelf(KEY, name="net").put(*keyed(range(30)))
    store.shelf({**KEY, "layer": "first"}, name="net").put(*keyed(range(4)))
    listed = store.list()
    assert [(shelf.name, shelf.layer, shelf.rows, shelf.shards) for shelf in listed.shelves] == [
        ("net", "last", 30, 1),
        ("net", "first", 4, 1),
    ]
    assert listed.bytes == sum(path.stat().st_size for path in store.features.rglob("*") if path.is_file())
    assert all(abs((shelf.last_used - datetime.now(UTC)).total_seconds()) < 60 for shelf in listed.shelves)
    assert "2 shelves, 34 rows" in str(listed) and "net · first" in str(listed)


def test_an_empty_store(store):
    assert store.list().rows == 0 and "0 shelves" in str(store.list())


def test_sizes_for_people():
    assert [size_text(n) for n in (0, 999, 1000, 2_500_000, 3.2e9, 4.5e12)] == [
        "0 B", "999 B", "1.0 kB", "2.5 MB", "3.2 GB", "4.5 TB"
    ]  # fmt: skip
