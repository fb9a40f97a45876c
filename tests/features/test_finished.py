"""Finished runs are counted, kept while they are used, and are all that is ever removed beside features."""

from __future__ import annotations

import os
import re
import time
from datetime import timedelta
from pathlib import Path

import pytest

import headstart
from headstart.features.finished import KINDS, finished_runs, mark_used

KEY = {"fingerprint": "f" * 64, "layer": "last", "pooling": "mean", "dtype": "float16", "view": 0}


def finish(store, kind: str, name: str, *, days: float = 0, size: int = 1000) -> Path:
    """A run's folder with a file in it, as old as asked."""
    folder = store.folder(kind) / (name * 64)
    (folder / "run").mkdir(parents=True)
    (folder / "run" / "weights.safetensors").write_bytes(bytes(size))
    for path in (folder / "run" / "weights.safetensors", folder / "run", folder):
        os.utime(path, (time.time() - days * 86400,) * 2)
    return folder


@pytest.fixture
def features(store, keyed):
    """A shelf that is used today."""
    shelf = store.shelf(KEY)
    shelf.put(*keyed(range(20)))
    return {path: path.read_bytes() for path in store.features.rglob("*.safetensors")}


def test_each_kind_is_listed_with_its_size(store, features):
    finish(store, "tuned", "a"), finish(store, "tuned", "b", size=500), finish(store, "networks", "c", days=3)
    listed = store.list()
    assert [(runs.kind, runs.count, runs.bytes) for runs in listed.runs] == [("networks", 1, 1000), ("tuned", 2, 1500)]
    assert "2 runs" in str(listed) and "1.5 kB" in str(listed) and listed.rows == 20


def test_unused_runs_go_and_features_stay(store, features):
    old, young = finish(store, "tuned", "a", days=40), finish(store, "studies", "b", days=10)
    pruned = store.prune(older_than=timedelta(days=30))
    assert not old.exists() and young.exists() and (pruned.runs, pruned.shelves) == (1, 0)
    assert pruned.bytes_before - pruned.bytes_after == 1000 and "1 finished runs" in str(pruned)
    assert {path: path.read_bytes() for path in features} == features


def test_asking_for_a_run_keeps_it(store):
    asked, other = finish(store, "tuned", "a", days=40), finish(store, "tuned", "b", days=40)
    mark_used(asked)
    store.prune(older_than=timedelta(days=30))
    assert asked.exists() and not other.exists()
    mark_used(other)  # it is gone: nothing to note


def test_a_run_that_is_going_on_is_as_young_as_its_last_file(store):
    folder = finish(store, "tuned", "a", days=40)
    (folder / "run" / "step.safetensors").write_bytes(b"")
    store.prune(older_than=timedelta(days=1))
    assert folder.exists()


def test_the_longest_unused_go_first_until_the_rest_fits(store, features):
    old, young = finish(store, "tuned", "a", days=2, size=10_000), finish(store, "tuned", "b", days=1, size=10_000)
    kept = sum(path.stat().st_size for path in store.features.rglob("*") if path.is_file())
    store.prune(max_size=kept + 15_000)
    assert not old.exists() and young.exists() and all(path.exists() for path in features)


def test_nothing_else_is_touched(store):
    """Whatever folder is named as the store, what is not a run of ours stays."""
    foreign = [store.root / "photos" / ("a" * 64), store.root / "tuned" / "notes", store.root / "memos"]
    for folder in foreign:
        folder.mkdir(parents=True)
        (folder / "mine.txt").write_text("mine")
        os.utime(folder / "mine.txt", (0, 0))
        os.utime(folder, (0, 0))
    (store.root / "tuned" / ("b" * 64)).write_text("a file, not a folder")
    assert store.prune(older_than=timedelta(days=1), max_size=0).runs == 0
    assert all((folder / "mine.txt").exists() for folder in foreign)
    assert finished_runs(store.root, "tuned") == [] == finished_runs(store.root / "nowhere", "tuned")


def test_every_folder_that_the_house_keeps_runs_in_is_known():
    sources = Path(headstart.__file__).parent.rglob("*.py")
    used = {name for path in sources for name in re.findall(r'\.folder\("(\w+)"\)', path.read_text(encoding="utf-8"))}
    assert used == set(KINDS)
