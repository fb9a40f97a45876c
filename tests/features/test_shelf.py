"""A shelf gives back exactly what was put, to anybody, in any order; and says what it lacks and why."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headstart.errors import DataError, StoreError
from headstart.features.store import Store

KEY = {"fingerprint": "f" * 64, "layer": "last", "pooling": "mean", "dtype": "float16", "view": 0}


def test_rows_come_back_in_the_order_asked_for(store, keyed):
    digests, X = keyed(range(50))
    shelf = store.shelf(KEY)
    assert shelf.put(digests, X) == 50
    order = np.random.default_rng(0).permutation(50)
    np.testing.assert_array_equal(shelf.rows([digests[i] for i in order]), X[order])
    assert len(shelf) == 50


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    puts=st.lists(st.lists(st.integers(0, 30), max_size=12), max_size=5),
    asked=st.lists(st.integers(0, 40), max_size=20),
)
def test_what_was_put_is_found_and_nothing_else(puts, asked, tmp_path_factory, keyed):
    shelf = Store(tmp_path_factory.mktemp("s")).shelf(KEY)
    for names in puts:
        shelf.put(*keyed(names))
    stored = {name for names in puts for name in names}
    digests, X = keyed(asked)
    loaded = shelf.load(digests)
    expected = np.array([name in stored for name in asked], dtype=bool)
    np.testing.assert_array_equal(loaded.known, expected)
    np.testing.assert_array_equal(shelf.find(digests), expected)
    if expected.any():
        np.testing.assert_array_equal(loaded.X[expected], X[expected])
    assert len(shelf) == len(stored)


def test_a_row_that_is_there_stays_as_it_is(store, keyed):
    digests, X = keyed(range(3))
    shelf = store.shelf(KEY)
    shelf.put(digests, X)
    assert shelf.put(digests, X + 1) == 0
    np.testing.assert_array_equal(shelf.rows(digests), X)


def test_rows_beyond_half_precision_are_kept_in_single(store, keyed):
    digests, _ = keyed(range(4))
    X = np.array([[1.0, 2.0], [1e6, -3e5], [1e-9, 3e-10], [0.0, 0.0]], dtype=np.float32)
    shelf = store.shelf(KEY)
    shelf.put(digests, X)
    np.testing.assert_array_equal(shelf.rows(digests), X)


def test_float32_shelves_keep_every_bit(store, keyed):
    digests, _ = keyed(range(20))
    X = np.random.default_rng(0).normal(size=(20, 7)).astype(np.float32)
    shelf = store.shelf({**KEY, "dtype": "float32"})
    shelf.put(digests, X)
    np.testing.assert_array_equal(shelf.rows(digests), X)


def test_rows_with_more_axes_keep_their_shape(store, keyed):
    digests, _ = keyed(range(6))
    X = np.random.default_rng(0).normal(size=(6, 3, 4)).astype(np.float16).astype(np.float32)
    shelf = store.shelf({**KEY, "pooling": "none"})
    shelf.put(digests, X)
    np.testing.assert_array_equal(shelf.rows(digests[::-1]), X[::-1])


def test_misuse_is_refused_with_the_numbers(store, keyed):
    digests, X = keyed(range(3))
    shelf = store.shelf(KEY)
    with pytest.raises(DataError, match="3 rows and digests has 2"):
        shelf.put(digests[:2], X)
    with pytest.raises(DataError, match="1 of 3 rows hold NaN"):
        shelf.put(digests, np.where(np.arange(3)[:, None] == 1, np.nan, X))
    with pytest.raises(DataError, match="SHA-256"):
        shelf.put([b"short"] * 3, X)
    with pytest.raises(StoreError, match="3 of 3 rows are not stored; nothing of this extractor was stored yet"):
        shelf.rows(digests)
    assert not store.root.exists(), "asking must not make folders"


def test_looking_does_not_write(store, keyed):
    digests, _ = keyed(range(3))
    assert not store.shelf(KEY).find(digests).any()
    assert store.shelf(KEY).load(digests).X is None
    assert not store.root.exists()


def test_tidy_merges_many_small_shards(store, keyed):
    shelf = store.shelf(KEY)
    for name in range(40):
        shelf.put(*keyed([name]))
    shelf.tidy()
    assert len(list(shelf.indexing.shards.iterdir())) == 1
    digests, X = keyed(range(40))
    np.testing.assert_array_equal(shelf.rows(digests), X)


READ_ONLY = textwrap.dedent("""
    import os, sys, hashlib
    import numpy as np
    from headstart.errors import StoreError
    from headstart.features.store import Store
    if os.getuid() == 0:
        os.setuid(65534)  # permissions do not bind the superuser
    shelf = Store(sys.argv[1]).shelf(eval(sys.argv[2]))
    digests = [hashlib.sha256(str(name).encode()).digest() for name in range(10)]
    print(float(shelf.rows(digests).sum()), shelf.find(digests).sum())
    try:
        shelf.put([bytes(32)], np.ones((1, 5)))
    except StoreError as error:
        print(error)
""")


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX permissions")
@pytest.mark.parametrize("index", ["kept", "deleted"])
def test_a_read_only_store_can_be_read_and_says_so_when_written(store, keyed, index):
    digests, X = keyed(range(10))
    shelf = store.shelf(KEY)
    shelf.put(digests, X)
    if index == "deleted":
        shelf.indexing.path.unlink()
    folders = [path for path in [store.root, *store.root.rglob("*")] if path.is_dir()]
    for parent in [parent for parent in store.root.parents if "pytest" in str(parent)]:
        parent.chmod(0o755)  # pytest makes its folders for their owner alone
    try:
        for folder in folders:
            folder.chmod(0o555)
        ran = subprocess.run(
            [sys.executable, "-c", READ_ONLY, str(store.root), repr(KEY)], capture_output=True, text=True, check=False
        )
    finally:
        for folder in folders:
            folder.chmod(0o755)
    assert ran.returncode == 0, ran.stderr
    numbers, message = ran.stdout.strip().split("\n")
    assert numbers.split() == [str(float(X.sum())), "10"]
    assert "cannot be written" in message and "rows stored earlier are kept" in message


DISK_FULL = textwrap.dedent("""
    import resource, sys, hashlib
    import numpy as np
    from headstart.errors import StoreError
    from headstart.features.store import Store
    shelf = Store(sys.argv[1]).shelf(eval(sys.argv[2]))
    shelf.put([hashlib.sha256(b"small").digest()], np.ones((1, 5)))
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
    digests = [hashlib.sha256(str(name).encode()).digest() for name in range(1000)]
    try:
        shelf.put(digests, np.ones((1000, 500)))
    except StoreError as error:
        print(error)
""")


@pytest.mark.skipif(os.name != "posix", reason="needs RLIMIT_FSIZE")
def test_a_full_disk_is_one_sentence_and_costs_nothing_stored(store):
    ran = subprocess.run(
        [sys.executable, "-c", DISK_FULL, str(store.root), repr(KEY)], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert str(store.root) in ran.stdout and "make room" in ran.stdout and "rows stored earlier are kept" in ran.stdout
    shelf = store.shelf(KEY)
    assert len(shelf) == 1
    assert not list(store.root.rglob(".tmp-*"))
