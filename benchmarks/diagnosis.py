"""The diagnosis: level, power beside other tests, pairs with known answers, real pairs, a million rows.

    python benchmarks/diagnosis.py [--quick] [--only level power known real large] [--rows 100 500 2000] [--jobs 2]

Each part (of the level: each number of rows) stands under its own title in `results/diagnosis.md` and can be run again
alone.

Parameters of the library were set on other seeds and sizes than those used here.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")  # one thread per process, `--jobs` processes

import numpy as np
from known_pairs import (
    CONDITIONS,
    SHIFTS,
    Array,
    Codes,
    covariate_shift,
    known_pair,
    same_problem,
    shifted,
    truths,
)
from reporting import Table, report
from scipy.stats import binomtest
from two_sample_peers import SLOW, absent, peers

from headstart.diagnosis.conditionals import Conditionals, components_for, conditionals
from headstart.diagnosis.diagnosing import diagnose_features
from headstart.diagnosis.labels import counted_priors
from headstart.diagnosis.omnibus import omnibus
from headstart.diagnosis.side import Side
from headstart.diagnosis.space import common_space
from headstart.stats.combination import bonferroni

LEVEL = 0.05
SEED = 20_240_601


def level(n: int, runs: int, jobs: int) -> dict[str, Table]:
    """Rejections where nothing differs, and of P(Y|X) where only P(X) does."""
    rows = []
    for d in (16, 64, 256):
        null = spread(partial(null_answer, n, d), runs, jobs)
        shift = spread(partial(covariate_answer, n, d), runs, jobs)
        marginal, conditional, any_of_three = zip(*null, strict=True)
        answers, p = zip(*shift, strict=True)
        rows.append([
            n, d, rate(np.array(marginal) <= LEVEL), rejections(conditional), rate(any_of_three), rejections(p),
            f"{answers.count('differs') / runs:.3f}", f"{answers.count('cannot tell') / runs:.2f}",
        ])  # fmt: skip
    columns = ["rows a side", "columns", "null: omnibus", "null: GCM + wGCM", "null: any 'differs'",
               "covariate shift: GCM + wGCM", "said 'differs'", "'cannot tell'"]  # fmt: skip
    return {f"Rejections at .05 in {runs} nulls and {runs} pure covariate shifts": (columns, rows)}


def rate(rejected: Any) -> str:
    """With its binomial interval (Clopper & Pearson 1934)."""
    hits, n = int(np.sum(rejected)), len(rejected)
    low, high = (binomtest(hits, n).proportion_ci(0.95).low, binomtest(hits, n).proportion_ci(0.95).high)
    return f"{hits / n:.3f} [{low:.3f}, {high:.3f}]"


def rejections(p: Iterable[float]) -> str:
    tested = np.array([value for value in p if np.isfinite(value)])
    return rate(tested <= LEVEL) if len(tested) else "not tested"


def null_answer(n: int, d: int, run: int) -> tuple[float, float, bool]:
    """p of P(X) and of P(Y|X), and whether any of the three tested questions is answered "differs"."""
    rng = np.random.default_rng([SEED, 1, n, d, run])
    source, target, *labels = same_problem(n, d, rng)
    marginal = omnibus(source, target, seed=run).p
    found = compared(source, target, (labels[0], labels[1]), rng)
    shares = counted_priors(("0", "1"), *labels).p
    asked = {"P(X)": marginal, "P(Y|X)": found.p, "P(Y)": shares}
    adjusted = bonferroni({name: p for name, p in asked.items() if np.isfinite(p)})
    differ = [p <= LEVEL and (name != "P(Y|X)" or found.answer == "differs") for name, p in adjusted.items()]
    return marginal, found.p, any(differ)


def covariate_answer(n: int, d: int, run: int) -> tuple[str, float]:
    rng = np.random.default_rng([SEED, 2, n, d, run])
    source, target, *labels = covariate_shift(n, d, rng)
    found = compared(source, target, (labels[0], labels[1]), rng)
    return found.answer, found.p


def compared(source: Array, target: Array, labels: tuple[Codes, Codes], rng: np.random.Generator) -> Conditionals:
    space = common_space(source, target)
    p = components_for(len(source) + len(target), space.columns.shape[1])
    sides = space.map(source)[:, :p], space.map(target)[:, :p]
    return conditionals(*sides, labels, explained=space.share(p), alpha=LEVEL, rng=rng)


def power(runs: int, jobs: int) -> dict[str, Table]:
    """How often each test sees each of five shifts; its worst case is what counts."""
    rows = []
    for name in peers():
        count = max(2, runs // 10) if name in SLOW else runs
        found = {kind: spread(partial(peer_p, name, kind), count, jobs) for kind in ("none", *SHIFTS)}
        powers = {kind: float(np.mean([p <= LEVEL for p, _ in values])) for kind, values in found.items()}
        milliseconds = 1000 * float(np.median([seconds for _, seconds in found["none"]]))
        shown = [f"{powers[kind]:.2f}" for kind in ("none", *SHIFTS)]
        worst = min(SHIFTS, key=lambda kind: powers[kind])
        rows.append([name, count, *shown, rate([p <= LEVEL for p, _ in found[worst]]), f"{milliseconds:.0f}"])
    columns = ["test", "runs", "null", *SHIFTS, "worst case", "ms"]
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


def real(families: Sequence[str], *, quick: bool) -> dict[str, Table]:
    """Real pairs; imported here since the environment of the other libraries need not read their files."""
    import real_pairs

    return real_pairs.real(families or real_pairs.FAMILIES, quick=quick)


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


def main(parts: Iterable[str], sizes: Iterable[int], families: Sequence[str], *, quick: bool, jobs: int) -> None:
    runs = {"level": 1000, "power": 200, "known": 304, "large": 1_000_000}
    if quick:
        runs = {"level": 8, "power": 4, "known": 16, "large": 20_000}
    work: dict[str, Callable[[], dict[str, Table]]] = {
        f"level, {n} rows a side": partial(level, n, runs["level"], jobs) for n in sizes if "level" in parts
    }
    others: dict[str, Callable[[], dict[str, Table]]] = {
        "power": lambda: power(runs["power"], jobs),
        "known": lambda: known(runs["known"], jobs),
        "real": lambda: real(families, quick=quick),
        "large": lambda: large(runs["large"]),
    }
    work |= {part: others[part] for part in parts if part in others}
    if "real" in parts and families:
        work = {f"real ({'; '.join(families)})" if part == "real" else part: made for part, made in work.items()}
    for part, tables in work.items():
        started = time.perf_counter()
        found = tables()
        notes = [f"this part took {time.perf_counter() - started:.0f} s with {jobs} process{'es' * (jobs > 1)}"]
        notes += absent() if part == "power" else []
        report("diagnosis", f"Diagnosis: {part}", found, notes, quick=quick, part=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--rows", nargs="+", type=int, default=[100, 500, 2000], help="rows a side, for the level")
    parser.add_argument("--families", nargs="+", default=[], help="of real pairs, such as objects (all)")
    names = ["level", "power", "known", "real", "large"]
    parser.add_argument("--only", nargs="+", choices=names, default=names)
    chosen = parser.parse_args()
    main(chosen.only, chosen.rows, chosen.families, quick=chosen.quick, jobs=chosen.jobs)
