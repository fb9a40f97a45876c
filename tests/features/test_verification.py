"""Verifying finds each kind of damage and names the file."""

from __future__ import annotations

KEY = {"fingerprint": "f" * 64, "layer": "last", "pooling": "mean", "dtype": "float16", "view": 0}


def test_each_damage_is_found_and_named(store, keyed):
    shelf = store.shelf(KEY)
    for part in range(3):
        shelf.put(*keyed(range(10 * part, 10 * part + 10)))
    assert store.verify().sound and store.verify().rows == 30 and "all sound" in str(store.verify())

    flipped, cut, _ = sorted(shelf.indexing.shards.iterdir())
    content = bytearray(flipped.read_bytes())
    content[-1] ^= 4
    flipped.write_bytes(content)
    cut.write_bytes(cut.read_bytes()[:-1])
    (store.features / "stranger").mkdir()

    found = store.verify()
    assert (found.rows, found.damaged_rows, len(found.problems)) == (20, 1, 3) and not found.sound
    assert f"{flipped}: 1 of 10 rows are damaged" in str(found)
    assert f"{cut} is damaged" in str(found) and "stranger is no shelf" in str(found)
    assert store.verify() == found, "verifying changes nothing"


def test_an_empty_store_is_sound(store):
    assert store.verify().sound and store.verify().rows == 0
