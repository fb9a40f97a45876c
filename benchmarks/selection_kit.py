"""What all closed-form scores cost beside one eigendecomposition, beside tllib, in memory, and streamed.

Figures to reach: everything for at most 1.3 times one eigendecomposition of 2,000 x 2,048 with 20 classes, at least 6
times faster than tllib's LogME and H-score alone; 1,000,000 x 512 streamed under 2 GiB. Also, on pure noise, what the
scores and the published ones say at growing width: it should be the same at any.

    python benchmarks/selection_kit.py [--quick] [--repeats 5]
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator

import numpy as np
from reporting import report
from selection_peers import (
    fixed_point_logme_as_published,
    h_score_as_published,
    log_maximum_evidence_as_published,
    tllib_name,
    tllib_scores,
)

from headstart.selection import KIT, METRICS
from headstart.selection.hscore import HScore
from headstart.selection.labelled import LabelledFeatures
from headstart.selection.transrate import TransRate

CLOSED = [name for name in KIT if METRICS[name].from_spectrum]


def rows(n: int, d: int, classes: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.arange(n) % classes)
    X = rng.standard_normal((n, d), dtype=np.float32)
    X += 0.1 * rng.standard_normal((classes, d), dtype=np.float32)[y]
    return X, y


def fastest(call: Callable[[], object], repeats: int) -> float:
    """Seconds of the fastest run, after one to warm up."""
    call()
    taken = []
    for _ in range(repeats):
        started = time.perf_counter()
        call()
        taken.append(time.perf_counter() - started)
    return min(taken)


def all_scores(X: np.ndarray, y: np.ndarray, names: list[str]) -> list[float]:
    features = LabelledFeatures.of(X, y)
    return [METRICS[name]().measure(features).value for name in names]


def costs(n: int, d: int, classes: int, repeats: int) -> list[tuple[object, ...]]:
    X, y = rows(n, d, classes)
    one = fastest(lambda: LabelledFeatures.of(X, y).spectrum, repeats)
    measured = [
        ("one eigendecomposition (centred product and eigenvectors)", one),
        (f"all closed-form scores: {', '.join(CLOSED)}", fastest(lambda: all_scores(X, y, CLOSED), repeats)),
        ("the kit: these and nearest neighbours", fastest(lambda: all_scores(X, y, list(KIT)), repeats)),
        (tllib_name(), fastest(lambda: tllib_scores(X, y), max(repeats // 3, 1))),
    ]
    closed = measured[1][1]
    return [(what, seconds, f"{seconds / one:.2f}", f"{seconds / closed:.2f}") for what, seconds in measured]


def memory(n: int, d: int, classes: int) -> list[tuple[object, ...]]:
    """Largest amount of memory held at once beyond the features, in units of min(n, d)² doubles."""
    X, y = rows(n, d, classes)
    tracemalloc.start()
    all_scores(X, y, CLOSED)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return [(f"{n:,} x {d:,}", f"{peak / 2**20:,.0f} MiB", f"{peak / (8 * min(n, d) ** 2):.1f}")]


def stream(n: int, d: int) -> None:
    """Score n rows that are never held together; prints seconds and the process's largest memory (MiB)."""

    def blocks(size: int = 8192) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for start in range(0, n, size):
            yield rows(min(size, n - start), d, 20, seed=start)

    started = time.perf_counter()
    features = LabelledFeatures.streamed(blocks())
    for name in CLOSED:
        METRICS[name]().measure(features)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{time.perf_counter() - started:.1f} {peak:.0f}")


def noise(widths: tuple[int, ...], n: int = 200, classes: int = 10, worlds: int = 5) -> list[tuple[object, ...]]:
    """Mean scores of features that say nothing."""
    scores: dict[str, Callable[[LabelledFeatures], float]] = {
        **{name: (lambda f, name=name: METRICS[name]().measure(f).value) for name in KIT},
        "H-score without chance taken off": lambda f: HScore(above_chance=False).measure(f).value,
        "TransRate": lambda f: METRICS["transrate"]().measure(f).value,
        "TransRate as published": lambda f: TransRate(above_chance=False).measure(f).value,
        "LogME's fixed point as published": lambda f: fixed_point_logme_as_published(f.statistics.X, f.codes),
        "tllib's LogME": lambda f: log_maximum_evidence_as_published(f.statistics.X, f.codes),
        "tllib's H-score": lambda f: h_score_as_published(f.statistics.X, f.codes),
    }
    found: dict[str, list[list[float]]] = {name: [] for name in scores}
    for width in widths:
        rng = np.random.default_rng(width)
        worlds_here = [
            LabelledFeatures.of(rng.standard_normal((n, width)), rng.permutation(np.arange(n) % classes))
            for _ in range(worlds)
        ]
        for name, score in scores.items():
            found[name].append([score(features) for features in worlds_here])
    return [(name, *(f"{np.mean(each):.3f}" for each in values)) for name, values in found.items()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes, keeps nothing")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--stream", type=int, nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.stream:
        stream(*options.stream)
        return
    n, d, streamed = (300, 320, (30_000, 64)) if options.quick else (2000, 2048, (1_000_000, 512))
    run = [sys.executable, __file__, "--stream", *map(str, streamed)]
    seconds, peak = subprocess.run(run, capture_output=True, text=True, check=True).stdout.split()
    widths = (16, 64, 256) if options.quick else (64, 256, 1024, 2048)
    tables = {
        f"Seconds for {n:,} x {d:,}, 20 classes": (
            ("what", "seconds", "of one eigendecomposition", "of all closed-form scores"),
            costs(n, d, 20, 1 if options.quick else options.repeats),
        ),
        "Memory beyond the features": (("rows", "peak", "in min(n, d)² doubles"), memory(n, d, 20)),
        "Streamed in blocks of 8,192 rows": (
            ("rows", "seconds", "largest memory of the process"),
            [(f"{streamed[0]:,} x {streamed[1]}", float(seconds), f"{peak} MiB")],
        ),
        "Pure noise, 200 rows of 10 classes: level is right": (
            ("score", *(f"{width} columns" for width in widths)),
            noise(widths, worlds=2 if options.quick else 5),
        ),
    }
    notes = (
        "Seconds are those of the fastest run. The eigendecomposition is of the smaller side, and includes forming it.",
        "The process's memory when streaming includes the interpreter and its libraries.",
        "ridge_loo lies a little above chance (.1) on noise: it is the best of 17 penalties.",
    )
    report("selection_kit", "The metric kit: cost, memory, noise", tables, notes, quick=options.quick)


if __name__ == "__main__":
    main()
