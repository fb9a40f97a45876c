"""The store's doors: where it lies, what it hands out."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from headstart.errors import StoreError
from headstart.features.store import Store

KEY = {"fingerprint": "f" * 64, "layer": "last", "pooling": "mean", "dtype": "float16", "view": 0}


def test_the_root_is_given_or_named_by_the_environment_or_the_users_cache(tmp_path, monkeypatch):
    assert Store(tmp_path).root == tmp_path
    monkeypatch.setenv("HEADSTART_STORE", str(tmp_path / "named"))
    assert Store().root == tmp_path / "named"
    monkeypatch.delenv("HEADSTART_STORE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert "headstart" in Store().root.name


def test_equal_extractors_share_a_shelf(store, keyed):
    digests, X = keyed(range(3))
    store.shelf(KEY).put(digests, X)
    assert store.shelf(dict(reversed(KEY.items()))).find(digests).all()
    for name in KEY:
        assert not store.shelf({**KEY, name: "other"}).find(digests).any()


def test_folders_are_made_when_asked_for(store):
    folder = store.folder("networks")
    assert folder == store.root / "networks" and folder.is_dir() and store.folder("networks") == folder
    with pytest.raises(StoreError, match="a name in the store"):
        store.folder("../elsewhere")


def test_a_file_in_the_way_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="make it writable or point HEADSTART_STORE"):
        Store(tmp_path / "file").folder("networks")


def test_making_a_store_touches_nothing_and_needs_no_torch(tmp_path):
    program = (
        "import sys; from headstart.features.store import Store; store = Store(sys.argv[1]); store.list();"
        "store.verify(); store.prune(); print('torch' in sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "new")],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ,
    )
    assert ran.stdout.strip() == "False" and not (tmp_path / "new").exists()
