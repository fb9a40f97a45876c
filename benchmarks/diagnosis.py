"""The diagnosis: level, power beside other tests, pairs with known answers, real pairs, a million rows.

    python benchmarks/diagnosis.py [--quick] [--only level power known real large] [--jobs 2]

Parameters of the library were set on other seeds and sizes than those used here.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")  # one thread per process, `--jobs` processes

import numpy as np
from known_pairs import CONDITIONS, SHIFTS, covariate_shift, known_pair, shifted, truths
from reporting import Table, report
from two_sample_peers import peers

from headstart.diagnosis.conditionals import components_for, conditionals
from headstart.diagnosis.diagnosing import diagnose_features
from headstart.diagnosis.omnibus import omnibus
from headstart.diagnosis.side import Side
from headstart.diagnosis.space import common_space

LEVEL = 0.05
SEED = 20_240_601


def level(runs: int, jobs: int) -> dict[str, Table]:
    """Rejections when nothing differs, and of P(Y|X) when only P(X) does."""
    rows = []
    for n in (100, 500, 2000):
        for d in (16, 64, 256):
            null = spread(partial(null_p, n, d), runs, jobs)
            shift = spread(partial(covariate_answer, n, d), runs if n < 2000 else runs // 4, jobs)
            said = Counter(answer for answer, _ in shift)
            wrong = said["differs"] / len(shift)
            tested = [p for _, p in shift if np.isfinite(p)]
            rejected = f"{np.mean(np.array(tested) <= LEVEL):.3f}" if tested else "not tested"
            false = f"{np.mean(np.array(null) <= LEVEL):.3f}"
            silent = f"{said['cannot tell'] / len(shift):.2f}"
            rows.append([n, d, len(null), false, len(shift), rejected, f"{wrong:.3f}", silent])
    columns = ["rows a side", "columns", "nulls", "omnibus rejects", "covariate shifts", "GCM + wGCM rejects",
               "verdict 'differs'", "'cannot tell'"]  # fmt: skip
    return {"Level: rejections at .05 when the hypothesis is true": (columns, rows)}


def null_p(n: int, d: int, run: int) -> float:
    rng = np.random.default_rng([SEED, 1, n, d, run])
    return omnibus(rng.standard_normal((n, d)), rng.standard_normal((n, d)), seed=run).p


def covariate_answer(n: int, d: int, run: int) -> tuple[str, float]:
    rng = np.random.default_rng([SEED, 2, n, d, run])
    source, target, first, second = covariate_shift(n, d, rng)
    space = common_space(source, target)
    p = components_for(2 * n, space.columns.shape[1])
    found = conditionals(space.map(source)[:, :p], space.map(target)[:, :p], (first, second),
                         explained=space.share(p), rng=rng)  # fmt: skip
    return found.answer, found.p


def power(runs: int, jobs: int) -> dict[str, Table]:
    """How often each test sees each of five shifts; its worst case is what counts."""
    rows = []
    for name in peers():
        found = {kind: spread(partial(peer_p, name, kind), runs, jobs) for kind in ("none", *SHIFTS)}
        powers = {kind: float(np.mean([p <= LEVEL for p, _ in values])) for kind, values in found.items()}
        milliseconds = 1000 * float(np.median([seconds for _, seconds in found["none"]]))
        shown = [f"{powers[kind]:.2f}" for kind in ("none", *SHIFTS)]
        rows.append([name, *shown, f"{min(powers[kind] for kind in SHIFTS):.2f}", f"{milliseconds:.0f}"])
    columns = ["test", "null", *SHIFTS, "worst case", "ms"]
    return {"Power at .05, 500 rows a side, 64 columns": (columns, rows)}


def peer_p(name: str, kind: str, run: int) -> tuple[float, float]:
    rng = np.random.default_rng([SEED, 3, run])
    source, target = shifted(kind, 500, 64, rng)
    started = time.perf_counter()
    p = peers()[name](source, target, rng)
    return p, time.perf_counter() - started


def known(count: int, jobs: int) -> dict[str, Table]:
    """Pairs with known answers."""
    combinations = truths()
    found = spread(named, count, jobs)
    right = sum(set(said) == set(combinations[run % 16]) for run, said in enumerate(found))
    rows = []
    for condition in CONDITIONS:
        differ = [condition in said for run, said in enumerate(found) if condition in combinations[run % 16]]
        same = [condition in said for run, said in enumerate(found) if condition not in combinations[run % 16]]
        rows.append([condition, len(differ), f"{np.mean(differ):.3f}", len(same), f"{np.mean(same):.3f}"])
    columns = ["condition", "pairs that differ", "found", "pairs that do not", "false alarms"]
    title = f"Pairs with known answers: the right set of conditions named in {right} of {count} ({right / count:.1%})"
    return {title: (columns, rows)}


def named(run: int) -> tuple[str, ...]:
    combinations = truths()
    rng = np.random.default_rng([SEED, 4, run])
    return diagnose_features(*known_pair(combinations[run % 16], rng), seed=run).differing


def large(rows: int) -> dict[str, Table]:
    """Memory-mapped rows of both sides; memory is what the process itself holds."""
    with tempfile.TemporaryDirectory() as folder:
        sides = [_mapped(Path(folder) / f"{name}.npy", rows, shift, seed)
                 for seed, (name, shift) in enumerate((("source", 0.0), ("target", 0.02)))]  # fmt: skip
        before = _anonymous()
        started = time.perf_counter()
        found = diagnose_features(Side.of(sides[0], name="source"), Side.of(sides[1], name="target"))
        seconds = time.perf_counter() - started
        peak = _peak_anonymous(before)
    condition = found["P(X)"]
    row = [f"{rows:,} x 256", f"{seconds:.1f}", f"{peak / 2**30:.2f}", condition.answer, f"{condition.p:.4f}",
           str(condition.effect)]  # fmt: skip
    return {"Many rows": (["rows a side", "seconds", "GiB beyond the data", "P(X)", "p", "AUC"], [row])}


def _mapped(path: Path, rows: int, shift: float, seed: int) -> Any:
    """Written block by block, so that making the data needs no memory either."""
    rng = np.random.default_rng([SEED, 5, seed])
    X = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=(rows, 256))
    for start in range(0, rows, 50_000):
        block = X[start : start + 50_000]
        block[:] = rng.standard_normal(block.shape, dtype=np.float32) + np.float32(shift)
    X.flush()
    del X
    return np.load(path, mmap_mode="r")


def _anonymous() -> int:
    """Bytes that belong to the process itself, without mapped files."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    lines = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
    return int(lines["RssAnon"].split()[0]) * 1024


def _peak_anonymous(before: int) -> int:
    """An upper bound: peak resident memory less the mapped files, at least what is held now."""
    if not Path("/proc/self/status").exists():
        return _anonymous() - before
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":" in line)
    now, mapped = _anonymous(), int(lines["RssFile"].split()[0]) * 1024
    return max(now, int(lines["VmHWM"].split()[0]) * 1024 - mapped)


def spread(work: Callable[[int], Any], runs: int, jobs: int) -> list[Any]:
    """work(0) ... work(runs - 1), in order."""
    if jobs == 1:
        return [work(run) for run in range(runs)]
    with ProcessPoolExecutor(jobs) as pool:
        return list(pool.map(work, range(runs), chunksize=max(1, runs // (8 * jobs))))


def main(parts: Iterable[str], *, quick: bool, jobs: int) -> None:
    from real_pairs import real

    runs = {"level": 1000, "power": 200, "known": 304, "large": 1_000_000}
    if quick:
        runs = {"level": 8, "power": 4, "known": 16, "large": 20_000}
    work: dict[str, Callable[[], dict[str, Table]]] = {
        "level": lambda: level(runs["level"], jobs),
        "power": lambda: power(runs["power"], jobs),
        "known": lambda: known(runs["known"], jobs),
        "real": lambda: real(quick=quick),
        "large": lambda: large(runs["large"]),
    }
    for part in parts:
        started = time.perf_counter()
        tables = work[part]()
        note = f"this part took {time.perf_counter() - started:.0f} s"
        report(f"diagnosis_{part}", f"Diagnosis: {part}", tables, [note], quick=quick)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", nargs="+", default=["level", "power", "known", "real", "large"])
    chosen = parser.parse_args()
    main(chosen.only, quick=chosen.quick, jobs=chosen.jobs)
