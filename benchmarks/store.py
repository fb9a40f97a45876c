"""The store: what a second run costs, a million rows, several processes at once, kill -9, flipped bits.

    python benchmarks/store.py [--quick]

To reach: a second run makes no forward pass and is at least 50 times faster; ten new files are ten passes; 10,000
random rows of 1,000,000 in less than a second; 200 kill -9 trials, nothing acknowledged lost, nothing wrong read.
"""

from __future__ import annotations

import argparse
import hashlib
import logging
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from reporting import DATA, report

from headstart.features.store import Store

KEY = {"fingerprint": "f" * 64, "layer": "last", "pooling": "mean", "dtype": "float16", "view": 0}
MOBILENET = {"pad_type": "same", "bn_eps": 1e-3, "mean": 0.5, "std": 0.5, "input_size": 224, "crop_pct": 0.875}
STEP = 200  # rows a writer puts at once
WIDTH = 64
Row = list[object]


def keyed(start: int, count: int = STEP, width: int = WIDTH) -> tuple[list[bytes], np.ndarray]:
    """Digests and rows that follow from their numbers, so that anybody can check them."""
    digests = [hashlib.sha256(str(n).encode()).digest() for n in range(start, start + count)]
    seeds = (int.from_bytes(digest[:8], "little") for digest in digests)
    X = [np.random.default_rng(seed).standard_normal(width, np.float32).astype(np.float16) for seed in seeds]
    return digests, np.array(X, dtype=np.float32)


def second_run(root: Path, n: int) -> list[Row]:
    """MobileNetV2 over photographs, twice, then with ten files more; forward passes counted at the network."""
    import headstart as hs

    backbone = hs.open_backbone(
        "timm/mobilenetv2_100",
        checkpoint=str(DATA / "checkpoints" / "mobilenetv2_100.imagenet.safetensors"),
        **MOBILENET,
    )
    passed = count_rows(backbone)
    whole = hs.read(DATA / "images" / "flowers")
    order = np.random.default_rng(0).permutation(len(whole))
    table: list[Row] = []
    for what, rows in (
        ("first run", n),
        ("second run", n),
        ("ten files more", n + 10),
        ("second run, with them", n + 10),
    ):
        before, started = sum(passed), time.perf_counter()
        hs.extract(whole.take(np.sort(order[:rows])), backbone, store=Store(root))
        took = time.perf_counter() - started
        first = float(table[0][3]) if table else took  # type: ignore[arg-type]
        table.append([what, rows, sum(passed) - before, round(took, 3), f"{first / took:,.0f}"])
    return table


def count_rows(backbone: Any) -> list[int]:
    """From now on, each forward pass of this backbone appends how many samples it was given."""
    passed: list[int] = []
    embed = backbone.embed

    def counted(batch: Any, layers: Any, **options: Any) -> Any:
        passed.append(len(batch))
        return embed(batch, layers, **options)

    backbone.embed = counted
    return passed


def million(root: Path, n: int, width: int) -> list[Row]:
    """Random rows in shards of 4,096; then look-ups by a store that was opened just now."""
    rng = np.random.default_rng(0)
    block = rng.standard_normal((4096, width), np.float32)
    table: list[Row] = []

    def timed(what: str, work: Any) -> Any:
        started = time.perf_counter()
        result = work()
        table.append([what, round(time.perf_counter() - started, 3)])
        return result

    def fill() -> None:
        shelf = Store(root).shelf(KEY)
        for start in range(0, n, len(block)):
            count = min(len(block), n - start)
            shelf.put([digest_of(i) for i in range(start, start + count)], block[:count])

    def rows(count: int) -> None:
        numbers = rng.choice(n, count, replace=False)
        X = Store(root).shelf(KEY).rows([digest_of(i) for i in numbers.tolist()])
        np.testing.assert_array_equal(X, block[numbers % len(block)].astype(np.float16))

    timed(f"put {n:,} rows x {width}, synced, acknowledged by shard", fill)
    timed("look up and read 10,000 random rows, every one checked", lambda: rows(min(n, 10_000)))
    timed("again (page cache warm)", lambda: rows(min(n, 10_000)))
    timed("look up and read one row", lambda: rows(1))
    timed("read all rows in random order", lambda: rows(n))
    for index in (Store(root).shelf(KEY).folder).glob("index.sqlite*"):
        index.unlink()
    timed("make the index anew from the shards, every row checked", lambda: len(Store(root).shelf(KEY)))
    table.append(["size on disk, MB", round(Store(root).list().bytes / 1e6)])
    return table


def digest_of(number: int) -> bytes:
    return hashlib.sha256(number.to_bytes(8, "little")).digest()


def write(root: Path, first: int) -> None:
    """Put rows without end, saying so after each put."""
    shelf = Store(root).shelf(KEY)
    print("ready", flush=True)
    for start in range(first, first + 10_000_000, STEP):
        shelf.put(*keyed(start))
        print(start, flush=True)


def spawn(root: Path, *arguments: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, __file__, "--root", str(root), *arguments], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    return process


def ended(process: subprocess.Popen[str]) -> list[int]:
    """Kill -9; then all that it had acknowledged."""
    process.kill()
    assert process.stdout is not None
    with process.stdout:
        said = process.stdout.read().split("\n")
    process.wait()
    return [int(line) for line in said[:-1]]


def check(root: Path, starts: set[int]) -> tuple[int, int]:
    """Rows that were acknowledged and are gone; rows that are there and wrong."""
    lost = wrong = 0
    shelf = Store(root).shelf(KEY)
    for start in starts:
        digests, X = keyed(start)
        loaded = shelf.load(digests)
        lost += int((~loaded.known).sum())
        if loaded.X is not None:
            wrong += int((loaded.X != X)[loaded.known].any(axis=1).sum())
    return lost, wrong


def kills(root: Path, trials: int) -> Row:
    """Writers killed at random moments, all on one store."""
    moments = random.Random(0)
    acknowledged: set[int] = set()
    lost = wrong = 0
    for trial in range(trials):
        process = spawn(root, "--write", str(trial * 10_000_000))
        time.sleep(moments.uniform(0, 0.25))
        fresh = set(ended(process))
        acknowledged |= fresh
        gone, bad = check(root, fresh)
        lost, wrong = lost + gone, wrong + bad
    gone, bad = check(root, acknowledged)  # later crashes must not touch what earlier ones left
    leavings = sum(1 for _ in root.rglob(".tmp-*"))
    return [f"{trials} writers killed with -9", STEP * len(acknowledged), lost + gone, wrong + bad, f"{leavings} .tmp"]


def together(root: Path, seconds: float) -> Row:
    """Two writers of overlapping keys while this process reads what they acknowledge; then both are killed."""
    writers = [spawn(root, "--write", first) for first in ("0", str(20 * STEP))]
    told: set[int] = set()
    read = lost = wrong = 0
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for writer in writers:
            assert writer.stdout is not None
            start = int(writer.stdout.readline())
            told.add(start)
            gone, bad = check(root, {start})
            read, lost, wrong = read + STEP, lost + gone, wrong + bad
    for writer in writers:
        told |= set(ended(writer))
    gone, bad = check(root, told)
    stored = len(Store(root).shelf(KEY))
    return [f"2 writers of overlapping keys and a reader, {seconds:.0f} s", STEP * len(told), lost + gone, wrong + bad,
            f"{read:,} rows read meanwhile, {stored:,} stored"]  # fmt: skip


def flips(root: Path, trials: int) -> Row:
    """One random bit of a shard turned over, each time in a fresh copy; is a wrong row ever returned?"""
    source = Store(root / "whole")
    digests, X = keyed(0)
    source.shelf(KEY).put(digests, X)
    rng = np.random.default_rng(0)
    missed = wrong = 0
    for trial in range(trials):
        copy = root / f"copy{trial}"
        shutil.copytree(source.root, copy)
        [path] = copy.rglob("*.safetensors")
        content = bytearray(path.read_bytes())
        content[rng.integers(len(content))] ^= 1 << int(rng.integers(8))
        path.write_bytes(content)
        if rng.integers(2):
            next(copy.rglob("index.sqlite")).unlink()
        loaded = Store(copy).shelf(KEY).load(digests)
        missed += int(loaded.known.all())
        wrong += 0 if loaded.X is None else int((loaded.X != X)[loaded.known].any(axis=1).sum())
        shutil.rmtree(copy)
    return [f"{trials} single flipped bits", trials, 0, wrong, f"{missed} without any row missing (in header blanks)"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small figures, nothing written")
    parser.add_argument("--root", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--write", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.root:
        write(given.root, given.write)
        return
    quick = given.quick
    logging.getLogger("headstart").setLevel(logging.ERROR)  # each flipped bit is a warning
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        runs = second_run(root / "runs", 40 if quick else 790)
        rows = million(root / "million", 20_000 if quick else 1_000_000, 384)
        shutil.rmtree(root / "million")
        safety = [
            kills(root / "kills", 5 if quick else 200),
            together(root / "together", 2 if quick else 10),
            flips(root / "flips", 20 if quick else 500),
        ]
    report("store", "The store: computed once, never lost, never wrong", {
        "The same data again (MobileNetV2 at 224, photographs)": (
            ["what", "photos", "forward passes", "seconds", "times faster"], runs),
        "A large shelf": (["what", "seconds"], rows),
        "Crashes, company, damage": (["what", "rows acknowledged", "lost", "wrong", "besides"], safety),
    }, quick=quick)  # fmt: skip


if __name__ == "__main__":
    main()
