"""Extraction beside a bare forward pass of the same network on ready tensors, and its memory as the data grow.

    python benchmarks/extraction.py [--quick]

To reach: at least .90 of the bare pass in samples per second; peak memory independent of the number of samples.
"""

from __future__ import annotations

import argparse
import itertools
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import torch
from reporting import DATA, report

import headstart as hs
from headstart.allocation import calm_malloc
from headstart.backbones.backbone import Backbone
from headstart.backbones.speed import torch_threads
from headstart.data.dataset import Dataset
from headstart.features.computing import cores
from headstart.features.store import Store

BATCH = 32
MOBILENET = {"pad_type": "same", "bn_eps": 1e-3, "mean": 0.5, "std": 0.5, "input_size": 224, "crop_pct": 0.875}


def pictures(n: int) -> tuple[Backbone, Dataset]:
    """Photos (JPEG, shorter side 232 to 256) and MobileNetV2 at 224."""
    checkpoint = DATA / "checkpoints" / "mobilenetv2_100.imagenet.safetensors"
    backbone = hs.open_backbone("timm/mobilenetv2_100", checkpoint=str(checkpoint), **MOBILENET)
    return backbone, hs.read(DATA / "images" / "flowers").take(range(n))


def sentences(n: int) -> tuple[Backbone, Dataset]:
    """Film reviews, one sentence each, and the packaged MiniLM; sorted by length, as both sides take them."""
    data = hs.read(DATA / "text" / "movie_reviews.csv", text="text", label="label").take(range(n))
    return hs.open_backbone("sentence/all-MiniLM-L6-v2"), data


def ready(backbone: Backbone, data: Dataset) -> list[Any]:
    """All batches as the network takes them: decoded, sorted by cost, collated."""
    prepared = sorted((backbone.prepare(item) for item in data.items), key=backbone.cost, reverse=True)
    return [backbone.collate(prepared[start : start + BATCH]) for start in range(0, len(prepared), BATCH)]


def one_after_another(backbone: Backbone, batches: Sequence[Any]) -> None:
    """The loop everybody writes: torch uses all cores within each operation."""
    with torch_threads(cores()):
        for batch in batches:
            backbone.embed(batch, backbone.layers[-1:])


def side_by_side(backbone: Backbone, batches: Sequence[Any]) -> None:
    """As many passes at once as there are cores, one torch thread each."""
    with torch_threads(1), ThreadPoolExecutor(cores()) as pool:
        list(pool.map(lambda batch: backbone.embed(batch, backbone.layers[-1:]), batches))


def extraction(backbone: Backbone, data: Dataset) -> None:
    """From files or texts to stored features, in a store that is empty."""
    with tempfile.TemporaryDirectory() as folder:
        hs.extract(data, backbone, store=Store(folder), batch_size=BATCH, threads=cores())


def seconds(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def speed(name: str, backbone: Backbone, data: Dataset, *, repeats: int) -> list[object]:
    """Best of several, taken in turns so that whatever else the machine does meets all alike."""
    batches = ready(backbone, data)
    calm_malloc()
    works: list[Callable[[], None]] = [
        lambda: one_after_another(backbone, batches),
        lambda: side_by_side(backbone, batches),
        lambda: extraction(backbone, data),
    ]
    works[0]()  # warm up
    times = [[seconds(work) for work in works] for _ in range(repeats)]
    usual, beside, ours = (len(data) / best for best in np.min(times, axis=0))
    return [name, len(data), usual, beside, ours, f"{ours / usual:.2f}", f"{ours / max(usual, beside):.2f}"]


def closeness(name: str, backbone: Backbone, data: Dataset) -> list[object]:
    """Stored features against the network's own float32 output: worst cosine of a row."""
    with tempfile.TemporaryDirectory() as folder:
        X = next(iter(hs.extract(data, backbone, store=Store(folder)).values())).X
    module = backbone.module.eval()  # type: ignore[attr-defined]
    with torch.inference_mode():
        rows = [module(backbone.collate([backbone.prepare(item)])).numpy()[0] for item in data.items]
    Y = np.stack(rows).reshape(len(X), -1)
    cosine = (X * Y).sum(axis=1) / (np.linalg.norm(X, axis=1) * np.linalg.norm(Y, axis=1))
    return [name, len(data), f"{cosine.min():.7f}"]


def peak(kind: str, n: int) -> dict[str, float]:
    """Peak memory of an extraction in a process of its own, in MB."""
    ran = subprocess.run(
        [sys.executable, __file__, "--peak", kind, "--n", str(n)], check=True, capture_output=True, text=True
    )
    return json.loads(ran.stdout.splitlines()[-1])


def measure_peak(kind: str, n: int) -> None:
    backbone, data = {"pictures": pictures, "sentences": sentences}[kind](n)
    before = peak_memory()
    with tempfile.TemporaryDirectory() as folder:
        X = next(iter(hs.extract(data, backbone, store=Store(folder), threads=1).values())).X
    print(json.dumps({"before": before, "peak": peak_memory(), "result": X.nbytes / 2**20}))


def peak_memory() -> float:
    """The largest resident set this program ever had, in MB (Linux; `ru_maxrss` would count its parent's as well)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few samples, nothing written")
    parser.add_argument("--peak", choices=["pictures", "sentences"], help=argparse.SUPPRESS)
    parser.add_argument("--n", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.peak:
        measure_peak(given.peak, given.n)
        return
    sizes = {"pictures": (64, 128), "sentences": (128, 512)} if given.quick else {
        "pictures": (200, 800), "sentences": (2000, 8000)
    }  # fmt: skip
    makers = {"pictures": pictures, "sentences": sentences}
    labels = {"pictures": "MobileNetV2 at 224, JPEG files", "sentences": "MiniLM, sentences"}
    rates, near, memory = [], [], []
    for kind, (few, many) in sizes.items():
        backbone, data = makers[kind](min(many, 2000))
        rates.append(speed(labels[kind], backbone, data, repeats=1 if given.quick else 5))
        near.append(closeness(labels[kind], backbone, data.take(range(min(few, 200)))))
    for kind, n in itertools.chain.from_iterable(((kind, n) for n in pair) for kind, pair in sizes.items()):
        found = peak(kind, n)
        extra = found["peak"] - found["before"] - found["result"]
        memory.append([labels[kind], n, *(f"{found[key]:.0f}" for key in ("before", "peak")), f"{found['result']:.1f}",
                       f"{extra:.0f}"])  # fmt: skip
    report("extraction", "Extraction beside a bare forward pass", {
        "Samples per second": (["what", "samples", "bare, one pass at a time", "bare, passes side by side",
                                "extraction", "of the first", "of the better"], rates),
        "Stored features against the unfolded network in float32": (["what", "samples", "lowest cosine"], near),
        "Memory (MB)": (["what", "samples", "before", "peak", "result matrix", "peak - before - result"], memory),
    }, notes=[
        "Both sides run the same network in the same precision, folded and channels last, with the calm malloc; the "
        "bare passes are given decoded, sorted, collated batches in memory. Extraction starts from files or texts and "
        "an empty store: it reads, digests, decodes, batches, computes, writes, syncs and reads back.",
        "Best of several rounds, the three taken in turns.",
    ], quick=given.quick)  # fmt: skip


if __name__ == "__main__":
    main()
