"""The listing counts what is there."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from headstart.features.inventory import all_shelves, size_text

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


def test_a_shelf_whose_writer_was_killed_at_once_is_no_problem(tmp_path: Path) -> None:
    (tmp_path / ("0" * 64) / "shards").mkdir(parents=True)
    assert all_shelves(tmp_path) == ([], [])
    (tmp_path / ("0" * 64) / "shards" / "rows.safetensors").write_bytes(b"")
    assert len(all_shelves(tmp_path)[1]) == 1  # rows without a description are one
