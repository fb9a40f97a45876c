"""What the training loop costs over a bare PyTorch loop, in time and memory; and two processes against one.

python benchmarks/training_engine.py [--quick]

Time: both loops take turns, step by step, in one process, on the same networks, batches and precision; the bare loop
against itself says how much of a ratio is noise. Memory: tensors alive at the same time. Two processes are started by
torchrun.
"""

from __future__ import annotations

import argparse
import copy
import gc
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from reporting import Table, report
from sklearn.datasets import load_digits
from torch import nn
from torch.profiler import ProfilerActivity, profile

from headstart.training.batches import Batches
from headstart.training.loop import train
from headstart.training.norms import batch_norms
from headstart.training.precision import runs
from headstart.training.processes import joined
from headstart.training.schedule import Schedule
from headstart.training.terms.cross_entropy import CrossEntropy

WARM = 3  # steps before any is counted
MOST_PAIRS, FEWEST_PAIRS = 400, 12
SECONDS, SECONDS_AGAINST_ITSELF = 18.0, 8.0  # after which no more pairs are timed, of a network in one precision
MEMORY_STEPS = 6
TOGETHER_STEPS = 60


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small networks, few steps, nothing kept")
    parser.add_argument("--together", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    torch.set_num_threads(1)
    if given.together:
        together(given.together)
    else:
        tables = {
            "Time of a step": time_table(quick=given.quick),
            "Memory over a run": memory_table(quick=given.quick),
            "Two processes against one": together_table(),
        }
        report("training_engine", "The training loop against a bare PyTorch loop", tables, NOTES, quick=given.quick)


NOTES = (
    "One thread. Asked for: at most 3 % more time a step, memory equal within 2 %, losses equal to rounding.",
    "Time: median of single steps, the two loops taking turns, the order changing; 95 % interval of the ratio from "
    "1,000 resamples of the pairs. The bare loop does what ours does (shuffled rows, AdamW with decay on matrices "
    "alone, warm-up and cosine, clipping, the loss read at every step), and neither keeps checkpoints.",
    "The tiny network is the worst case: what the loop costs is a fixed time a step, here seen against almost no work.",
    "Memory: bytes of tensors alive at the same time at most, weights included, in six steps, as the profiler counts "
    "them: exact, and the same at every run. The copy of the weights on which a diverging run falls back lies in a "
    "temporary file and is not counted.",
    "Two processes: torchrun, gloo; each has half of every batch. Differences are the largest over all steps.",
)


# ---- the two loops --------------------------------------------------------------------------------------------------


def worlds(*, quick: bool) -> dict[str, tuple[Callable[[], nn.Module], torch.Tensor, int]]:
    """Name → network, inputs, batch size."""
    pictures = torch.randn(256, 3, 96, 96, generator=torch.Generator().manual_seed(0))
    columns = torch.randn(2048, 64, generator=torch.Generator().manual_seed(0))
    found = {"tiny: 2 linear layers, 32 rows": (tiny, columns, 32)}
    if not quick:
        found["MobileNetV2, 32 pictures of 96"] = (mobilenet, pictures, 32)
        found["transformer, 4 layers, 32 x 64 tokens"] = (transformer, columns, 32)
    found["convolutions, 32 pictures of 96"] = (convolutions, pictures, 32)
    return found


def tiny() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))


def convolutions() -> nn.Module:
    torch.manual_seed(0)
    layers: list[nn.Module] = []
    for inputs, outputs in ((3, 16), (16, 32), (32, 64)):
        layers += [nn.Conv2d(inputs, outputs, 3, stride=2, padding=1), nn.BatchNorm2d(outputs), nn.ReLU()]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


def mobilenet() -> nn.Module:
    from headstart.backbones.opening import open_backbone

    torch.manual_seed(0)
    network = copy.deepcopy(open_backbone("random/timm/mobilenetv2_100").module)
    return nn.Sequential(network, nn.Flatten(), nn.Linear(1280, 10))


class Tokens(nn.Module):
    """64 numbers as 64 tokens of width 128."""

    def __init__(self) -> None:
        super().__init__()
        layer = nn.TransformerEncoderLayer(128, 4, 256, dropout=0.0, batch_first=True)
        self.embed, self.body, self.head = nn.Linear(1, 128), nn.TransformerEncoder(layer, 4), nn.Linear(128, 10)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return self.head(self.body(self.embed(inputs[:, :, None])).mean(dim=1))


def transformer() -> nn.Module:
    torch.manual_seed(0)
    return Tokens()


def schedule(steps: int, size: int) -> Schedule:
    return Schedule(steps=steps, batch_size=size, lr=1e-3)


def ours(network: nn.Module, inputs: torch.Tensor, labels: torch.Tensor, size: int, steps: int, **options) -> Iterator:
    batches = Batches(inputs, {"labels": labels}, size=size)
    return train(network, batches, objective=CrossEntropy(), schedule=schedule(steps, size), **options)


def bare(
    network: nn.Module, inputs: torch.Tensor, labels: torch.Tensor, size: int, steps: int, precision: str = "float32"
) -> Iterator[float]:
    """What one writes without a library."""
    rates = schedule(steps, size)
    matrices = [parameter for parameter in network.parameters() if parameter.ndim > 1]
    vectors = [parameter for parameter in network.parameters() if parameter.ndim <= 1]
    groups = [{"params": matrices, "weight_decay": 0.05}, {"params": vectors, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=rates.lr, fused=True)
    scaler = torch.amp.GradScaler("cpu", enabled=precision == "fp16")
    kind = {"bf16": torch.bfloat16, "fp16": torch.float16}.get(precision)
    step = 0
    while True:
        order = torch.randperm(len(inputs))
        for rows in order.split(size):
            network.train()
            for group in optimizer.param_groups:
                group["lr"] = rates.rate(step)
            optimizer.zero_grad(set_to_none=True)
            with torch.autocast("cpu", kind, enabled=kind is not None):
                loss = nn.functional.cross_entropy(network(inputs[rows]), labels[rows])
            scaler.scale(loss).backward()
            scaler.unscale_(optimizer)
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            scaler.step(optimizer)
            scaler.update()
            yield loss.item()
            step += 1
            if step == steps:
                return


# ---- time -----------------------------------------------------------------------------------------------------------


def time_table(*, quick: bool) -> Table:
    precisions = [
        "float32",
        *(name for name, kind in (("fp16", torch.float16), ("bf16", torch.bfloat16)) if runs("cpu", kind)),
    ]
    rows = []
    for name, (make, inputs, size) in worlds(quick=quick).items():
        most = 20 if quick else MOST_PAIRS
        for precision in precisions if make is convolutions or make is transformer else ["float32"]:
            mine, theirs = taking_turns(ours, bare, make, inputs, size, most, precision, until=SECONDS)
            one, other = taking_turns(bare, bare, make, inputs, size, most, precision, until=SECONDS_AGAINST_ITSELF)
            rows.append([
                name, precision, len(mine), 1e3 * statistics.median(theirs), 1e3 * statistics.median(mine),
                percent(mine, theirs), percent(one, other),
            ])  # fmt: skip
    return ["network", "precision", "pairs", "bare ms", "ours ms", "ours over bare", "bare over itself"], rows


def taking_turns(
    first: Callable,
    second: Callable,
    make: Callable[[], nn.Module],
    inputs: torch.Tensor,
    size: int,
    most: int,
    precision: str,
    *,
    until: float,
) -> tuple[list[float], list[float]]:
    """Seconds of each step of two loops: `most` pairs of steps, or as many as begin before `until` seconds are over."""
    labels = torch.arange(len(inputs)) % 10
    network = make()
    steps = most + WARM
    loops = [loop(copy.deepcopy(network), inputs, labels, size, steps, precision=precision) for loop in (first, second)]
    seconds: tuple[list[float], list[float]] = ([], [])
    gc.collect()
    started = time.perf_counter()
    for pair in range(steps):
        if pair >= WARM + FEWEST_PAIRS and time.perf_counter() - started > until:
            break
        for which in (0, 1) if pair % 2 else (1, 0):
            began = time.perf_counter()
            next(loops[which])
            if pair >= WARM:
                seconds[which].append(time.perf_counter() - began)
    return seconds


def percent(first: list[float], second: list[float]) -> str:
    """How much more the median of the first is, with its interval."""
    pairs, random = np.array([first, second]), np.random.default_rng(0)
    drawn = [np.median(pairs[:, random.integers(len(first), size=len(first))], axis=1) for _ in range(1000)]
    low, high = np.percentile([100 * (mine / theirs - 1) for mine, theirs in drawn], [2.5, 97.5])
    middle = 100 * (statistics.median(first) / statistics.median(second) - 1)
    return f"{middle:+.1f} % [{low:+.1f}, {high:+.1f}]"


# ---- memory ---------------------------------------------------------------------------------------------------------


def memory_table(*, quick: bool) -> Table:
    measured = worlds(quick=quick)
    if not quick:
        large = torch.randn(64, 3, 224, 224, generator=torch.Generator().manual_seed(0))
        measured["MobileNetV2, 32 pictures of 224"] = (mobilenet, large, 32)
    rows = []
    for name, (make, inputs, size) in measured.items():
        theirs, mine = (most_alive(loop, make(), inputs, size) for loop in (bare, ours))
        weights = sum(parameter.nbytes for parameter in make().parameters())
        rows.append([name, weights / 2**20, theirs / 2**20, mine / 2**20, f"{100 * (mine / theirs - 1):+.1f} %"])
    return ["network", "weights MB", "bare MB", "ours MB", "ours over bare"], rows


def most_alive(loop: Callable, network: nn.Module, inputs: torch.Tensor, size: int) -> int:
    """Bytes of tensors that are alive at the same time at most, in a short run, with the network's own."""
    labels = torch.arange(len(inputs)) % 10
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as seen:
        list(loop(network, inputs, labels, size, MEMORY_STEPS))
    events = [event for event in seen.profiler.kineto_results.events() if event.name() == "[memory]"]
    events.sort(key=lambda event: event.start_ns())
    alive = np.cumsum([event.nbytes() for event in events])
    return int(alive.max()) + sum(tensor.nbytes for tensor in network.state_dict().values())


# ---- two processes --------------------------------------------------------------------------------------------------


def together_table() -> Table:
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2", __file__]
        surroundings = {**os.environ, "OMP_NUM_THREADS": "1"}
        subprocess.run([*command, "--together", folder], check=True, env=surroundings, capture_output=True)
        both = [json.loads((Path(folder) / f"rank{rank}.json").read_text()) for rank in (0, 1)]
    alone = runs_together()
    for name, (losses, weights) in alone.items():
        (first, moved), (second, _) = both[0][name], both[1][name]
        apart = np.abs(np.array(first) / np.array(losses) - 1).max()
        rows.append([name, losses[0], losses[-1], first[-1], f"{apart:.1e}", f"{distance(moved, weights):.1e}",
                     "yes" if first == second else "no"])  # fmt: skip
    columns = ["network", "first loss", "last loss, one process", "last loss, two", "largest relative difference",
               "largest difference of a weight", "both processes agree bit by bit"]  # fmt: skip
    return columns, rows


def together(folder: Path) -> None:
    """What each of torchrun's processes does."""
    with joined() as part:
        found = runs_together()
        (folder / f"rank{part.rank}.json").write_text(json.dumps(found))


def runs_together() -> dict[str, tuple[list[float], list[float]]]:
    """Losses and final weights on sklearn's digits, by network; batches of 50 and 49 rows."""
    digits = load_digits()
    pixels = torch.from_numpy(digits.images / 16).float()[:, None]
    labels = torch.from_numpy(digits.target).long()
    found = {}
    for name, network in {"layer norm": layer_norms(), "batch norm, frozen": frozen_norms()}.items():
        with batch_norms(network, "frozen"):
            batches = Batches(pixels, {"labels": labels}, size=50)
            faster = Schedule(steps=TOGETHER_STEPS, batch_size=50, lr=1e-2)
            steps = list(train(network, batches, objective=CrossEntropy(), schedule=faster, accumulate=2))
        weights = torch.cat([parameter.detach().flatten() for parameter in network.parameters()])
        found[name] = ([step.loss for step in steps], weights.tolist())
    return found


def layer_norms() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 128), nn.LayerNorm(128), nn.ReLU(), nn.Linear(128, 10))


def frozen_norms() -> nn.Module:
    torch.manual_seed(0)
    convolution, norm = nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16)
    return nn.Sequential(convolution, norm, nn.ReLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(64, 10))


def distance(first: list[float], second: list[float]) -> float:
    return float(np.abs(np.array(first) - np.array(second)).max())


if __name__ == "__main__":
    main()
