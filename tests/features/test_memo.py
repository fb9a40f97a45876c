"""What was noted is there next time; a broken file costs memory, never the run."""

from __future__ import annotations

import hashlib
import logging
import os
import subprocess
import sys
import textwrap
import threading

import pytest

from headstart.errors import StoreError
from headstart.features import memo as module

KEYS = [hashlib.sha256(bytes([n])).digest() for n in range(20)]


def test_it_is_a_mapping_that_lasts(store):
    with store.memo("preflight") as memo:
        memo.update({key: str(n) for n, key in enumerate(KEYS)})
        del memo[KEYS[3]]
        memo[KEYS[4]] = "changed"
    with store.memo("preflight") as again:
        assert dict(again) == {key: "changed" if n == 4 else str(n) for n, key in enumerate(KEYS) if n != 3}
        assert again.get(KEYS[3]) is None and KEYS[5] in again and len(again) == 19
        with pytest.raises(KeyError):
            del again[KEYS[3]]


def test_it_writes_by_itself_when_it_is_dropped(store):
    memo = store.memo("preflight")
    memo[KEYS[0]] = "good"
    del memo
    with store.memo("preflight") as again:
        assert again[KEYS[0]] == "good"


def test_two_open_at_once_see_each_other(store):
    with store.memo("preflight") as one, store.memo("preflight") as two:
        one[KEYS[0]] = "a"
        one.flush()
        assert two[KEYS[0]] == "a"
        two[KEYS[1]] = "b"
        two.flush()
        assert len(one) == 2


def test_threads_may_share_it(store):
    with store.memo("preflight") as memo:
        threads = [threading.Thread(target=memo.update, args=({key: str(n) for key in KEYS[n::4]},)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(memo) == 20


def test_kill_leaves_whole_batches(store):
    program = textwrap.dedent("""
        import os, sys
        from headstart.features.store import Store
        memo = Store(sys.argv[1]).memo("preflight")
        for n in range(1300):
            memo[n.to_bytes(32, "little")] = str(n)
        os.kill(os.getpid(), 9)
    """)
    subprocess.run([sys.executable, "-c", program, str(store.root)], check=False)
    with store.memo("preflight") as memo:
        assert len(memo) >= 1300 - module._WAITING
        assert all(value == str(int.from_bytes(key, "little")) for key, value in memo.items())


@pytest.mark.parametrize("damage", [b"not a database at all" * 400, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_file_is_begun_anew(store, damage, caplog):
    with store.memo("preflight") as memo:
        memo[KEYS[0]] = "a"
    memo.path.write_bytes(damage)
    with caplog.at_level(logging.WARNING), store.memo("preflight") as again:
        assert len(again) == 0
        again[KEYS[1]] = "b"
    assert "begun anew" in caplog.text
    with store.memo("preflight") as last:
        assert dict(last) == {KEYS[1]: "b"}


def test_where_no_file_can_be_made_it_works_in_memory(tmp_path, caplog):
    (tmp_path / "file").write_text("in the way")
    with caplog.at_level(logging.WARNING), module.Memo(tmp_path / "file" / "memo.sqlite") as memo:
        memo[KEYS[0]] = "a"
        assert memo[KEYS[0]] == "a"
    assert "nothing of it will be remembered" in caplog.text


@pytest.mark.parametrize("name", ["../outside", "", "a/b", f"a{os.sep}b", "Name"])
def test_only_plain_names(store, name):
    with pytest.raises(StoreError, match="a name in the store"):
        store.memo(name)
