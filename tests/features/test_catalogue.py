"""The index says where rows lie, in one transaction or not at all."""

from __future__ import annotations

import hashlib
import sqlite3

import pytest

from headstart.features.catalogue import Catalogue

DIGESTS = [hashlib.sha256(bytes([n])).digest() for n in range(10)]


@pytest.fixture(params=[False, True], ids=["file", "memory"])
def index(tmp_path, request):
    with Catalogue(tmp_path / "index.sqlite", in_memory=request.param) as opened:
        yield opened


def test_the_first_to_come_keeps_the_key_unless_replaced(index):
    with index.writing():
        index.add([("a", DIGESTS[:4], [0, 1, 2, 3])])
        index.add([("b", DIGESTS[2:6], [0, 1, 2, 3])])
    assert index.locate(DIGESTS) == {
        DIGESTS[0]: ("a", 0), DIGESTS[1]: ("a", 1), DIGESTS[2]: ("a", 2), DIGESTS[3]: ("a", 3), DIGESTS[4]: ("b", 2),
        DIGESTS[5]: ("b", 3),
    }  # fmt: skip
    assert index.live() == {"a": [0, 1, 2, 3], "b": [2, 3]}
    with index.writing():
        index.add([("c", DIGESTS[:1], [7])], replace=True)
    assert index.locate(DIGESTS[:1]) == {DIGESTS[0]: ("c", 7)}
    assert index.count() == 6


def test_dropped_and_forgotten_rows_are_gone(index):
    with index.writing():
        index.add([("a", DIGESTS[:4], [0, 1, 2, 3])])
        index.add([("b", DIGESTS[4:6], [0, 1])])
        index.add_unusable("c", "damaged")
        index.drop(["b"])
    assert index.shards() == {"a": "", "c": "damaged"}
    index.forget({DIGESTS[0]: ("a", 0), DIGESTS[1]: ("elsewhere", 5)})
    assert index.locate(DIGESTS).keys() == set(DIGESTS[1:4])
    assert index.count_shards(below=5) == 1


def test_a_failed_transaction_changes_nothing(index):
    with pytest.raises(ValueError, match="stop"), index.writing():
        index.add([("a", DIGESTS, range(10))])
        raise ValueError("stop")
    assert index.count() == 0 and not index.shards()


def test_look_ups_of_many_digests_come_in_parts(index):
    many = [hashlib.sha256(str(n).encode()).digest() for n in range(1700)]
    with index.writing():
        index.add([("a", many, range(1700))])
    found = index.locate(many)
    assert [found[digest] for digest in many] == [("a", n) for n in range(1700)]


def test_another_version_is_refused(tmp_path):
    path = tmp_path / "index.sqlite"
    Catalogue(path).connection.close()
    connection = sqlite3.connect(path)
    connection.execute("pragma user_version = 2")
    connection.close()
    with pytest.raises(sqlite3.DatabaseError, match="version 2"):
        Catalogue(path)


def test_memory_starts_from_the_file_and_leaves_it(tmp_path):
    path = tmp_path / "index.sqlite"
    with Catalogue(path) as index, index.writing():
        index.add([("a", DIGESTS, range(10))])
    before = path.read_bytes()
    with Catalogue(path, in_memory=True) as copy:
        assert copy.count() == 10
        with copy.writing():
            copy.drop(["a"])
    assert path.read_bytes() == before
