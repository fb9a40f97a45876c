"""A miss says what the store has instead."""

from __future__ import annotations

import pytest

KEY = {"fingerprint": "f" * 64, "layer": "last", "pooling": "mean", "dtype": "float16", "view": 0}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"fingerprint": "a" * 64}, "weights or preprocessing changed: the store holds 3 rows of net"),
        ({"layer": "first"}, "another layer was stored: the store holds 3 rows of net with layer last (now first)"),
        ({"pooling": "max"}, "pooled in another way"),
        ({"dtype": "float32"}, "stored in another precision"),
        ({"view": 4}, "another view was stored"),
    ],
)
def test_the_part_that_changed_is_named(store, keyed, changed, said):
    store.shelf(KEY, name="net").put(*keyed(range(3)))
    assert said in store.shelf({**KEY, **changed}, name="net").why_missing()


def test_the_nearest_shelf_is_named(store, keyed):
    store.shelf({**KEY, "fingerprint": "a" * 64, "layer": "first"}, name="net").put(*keyed(range(3)))
    store.shelf({**KEY, "fingerprint": "b" * 64}, name="net").put(*keyed(range(5)))
    store.shelf({**KEY, "fingerprint": "c" * 64}, name="other").put(*keyed(range(7)))
    reason = store.shelf(KEY, name="net").why_missing()
    assert "holds 5 rows of net with fingerprint bbbbbbbb… (now ffffffff…)" in reason


def test_other_items_and_nothing_at_all(store, keyed):
    shelf = store.shelf(KEY, name="net")
    assert shelf.why_missing() == "nothing of net was stored yet"
    shelf.put(*keyed(range(3)))
    assert shelf.why_missing() == "the store holds 3 rows of net, of other items"


def test_a_damaged_description_is_passed_over(store, keyed):
    shelf = store.shelf(KEY, name="net")
    shelf.put(*keyed(range(3)))
    (shelf.folder / "meta.json").write_text("{broken")
    assert store.shelf({**KEY, "layer": "x"}, name="net").why_missing() == "nothing of net was stored yet"
