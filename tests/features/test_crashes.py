"""kill -9 at any moment, several writers, readers beside them: what was acknowledged is there and right."""

from __future__ import annotations

import contextlib
import hashlib
import random
import subprocess
import sys
import textwrap
import time

import numpy as np
import pytest

from headstart.features.store import Store

KEY = {"fingerprint": "f" * 64, "layer": "last", "pooling": "mean", "dtype": "float16", "view": 0}

COMMON = """
import hashlib, sys, time
import numpy as np
from headstart.features.store import Store

def row(name):
    digest = hashlib.sha256(str(name).encode()).digest()
    return digest, np.random.default_rng(int.from_bytes(digest[:8], "little")).normal(size=16).astype(np.float16)

def rows(names):
    pairs = [row(name) for name in names]
    return [digest for digest, _ in pairs], np.array([x for _, x in pairs], dtype=np.float32)

shelf = Store(sys.argv[1]).shelf({key})
""".replace("{key}", repr(KEY))

WRITER = (
    COMMON
    + """
first, step = int(sys.argv[2]), int(sys.argv[3])
print("ready", flush=True)
for start in range(first, first + 40000, step):
    shelf.put(*rows(range(start, start + 50)))
    print(start, flush=True)
    if len(sys.argv) > 4 and start % 7 == 0:
        from headstart.features.merging import merge
        merge(shelf.indexing)
"""
)

READER = (
    COMMON
    + """
print("ready", flush=True)
checked = 0
for line in sys.stdin:
    digests, X = rows(range(int(line), int(line) + 50))
    assert (shelf.rows(digests) == X).all(), line
    checked += 50
print(checked, flush=True)
"""
)


@pytest.fixture
def start():
    """Starts a program and waits until it is ready; none outlives the test, however that ends."""
    with contextlib.ExitStack() as running:

        def begin(program, *arguments, **streams):
            process = subprocess.Popen(
                [sys.executable, "-c", textwrap.dedent(program), *map(str, arguments)],
                stdout=subprocess.PIPE,
                text=True,
                **streams,
            )
            running.callback(end, process)
            assert process.stdout.readline() == "ready\n"
            return process

        yield begin


def end(process):
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with contextlib.suppress(BrokenPipeError):
                stream.close()


def acknowledged(process):
    """What a killed writer had said it stored."""
    with process.stdout:
        return [int(line) for line in process.stdout.read().split("\n")[:-1]]


def assert_stored(store, starts):
    names = [name for start in starts for name in range(start, start + 50)]
    digests = [hashlib.sha256(str(name).encode()).digest() for name in names]
    X = np.array(
        [np.random.default_rng(int.from_bytes(d[:8], "little")).normal(size=16).astype(np.float16) for d in digests]
    )
    shelf = store.shelf(KEY)
    if names:
        np.testing.assert_array_equal(shelf.rows(digests), X.astype(np.float32))
    assert store.verify().sound


@pytest.mark.parametrize("merging", [False, True])
def test_killed_writers_lose_nothing_acknowledged(store, start, merging):
    moments = random.Random(0)
    stored: list[int] = []
    for trial in range(8):
        process = start(WRITER, store.root, trial * 40000, 50, *(["merge"] if merging else []))
        stored += [int(process.stdout.readline()) for _ in range(trial % 3)]
        time.sleep(moments.uniform(0, 0.05))
        process.kill()
        process.wait()
        stored += acknowledged(process)
        assert_stored(Store(store.root), stored)
    assert len(stored) >= 7


def test_two_writers_of_the_same_keys_and_a_reader(store, start):
    writers = [start(WRITER, store.root, first, 50, "merge") for first in (0, 0)]
    reader = start(READER, store.root, stdin=subprocess.PIPE)
    told = [[], []]
    for _ in range(25):
        for writer, own in zip(writers, told, strict=True):
            own.append(int(writer.stdout.readline()))
            reader.stdin.write(f"{own[-1]}\n")
            reader.stdin.flush()
    for writer, own in zip(writers, told, strict=True):
        writer.kill()
        writer.wait()
        own += acknowledged(writer)
    with reader.stdin:
        pass
    assert reader.wait() == 0
    with reader.stdout:
        assert int(reader.stdout.read()) == 2500
    distinct = {start for own in told for start in own}
    assert_stored(Store(store.root), distinct)
    assert 50 * len(distinct) <= len(store.shelf(KEY)) <= 50 * len(distinct) + 100
