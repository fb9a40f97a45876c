"""What holds a fine-tuned network when labels are few: each regulariser of the loop against plain fine-tuning.

python benchmarks/regularisers.py [--quick]

A small network learns sklearn's digits 0 to 4; it is then tuned to tell 5 to 9 apart with a few labels each, and scored
on all other rows of those classes. Every way starts from the same network, sees the same rows in the same order, and
takes the same steps. Weights are those of the papers; nothing is chosen on the scored rows.
"""

from __future__ import annotations

import argparse
import copy
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from reporting import Table, report
from sklearn.datasets import load_digits
from torch import Tensor, nn
from tqdm import tqdm

from headstart.heads.ridge import Ridge
from headstart.training.batches import Batches
from headstart.training.loop import train
from headstart.training.mixing import Mixing
from headstart.training.norms import batch_norms
from headstart.training.rates import layer_decay
from headstart.training.relative_gradients import relative_gradient_rates
from headstart.training.schedule import Schedule
from headstart.training.stochastic_norm import stochastic_norms
from headstart.training.terms.anchor import Anchor
from headstart.training.terms.co_tuning import CoTuning, relationship
from headstart.training.terms.cross_entropy import CrossEntropy
from headstart.training.terms.delta import Delta
from headstart.training.terms.shrinkage import SpectralShrinkage
from headstart.training.terms.term import Term
from headstart.training.unfreezing import Unfreezing

CLASSES, LAYERS = 5, ("body.0", "body.1", "body.2", "head")
TUNING = Schedule(steps=150, batch_size=16, lr=2e-3, weight_decay=0.01)


class Network(nn.Module):
    """Three convolutions, a head for the target's classes and one for the source's."""

    def __init__(self) -> None:
        super().__init__()
        blocks = [
            nn.Sequential(nn.Conv2d(inputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs), nn.ReLU(), shrink)
            for inputs, outputs, shrink in (
                (1, 16, nn.Identity()),
                (16, 32, nn.MaxPool2d(2)),
                (32, 64, nn.MaxPool2d(2)),
            )
        ]
        self.body, self.pool = nn.Sequential(*blocks), nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.source, self.head = nn.Linear(64, CLASSES), nn.Linear(64, CLASSES)

    def forward(self, pixels: Tensor) -> Tensor:
        return self.head(self.pool(self.body(pixels)))


@dataclass(frozen=True)
class World:
    """The source network, the rows to learn from and those to score on."""

    source: Network
    inputs: Tensor
    labels: Tensor
    test: Tensor
    test_labels: Tensor
    seed: int


@dataclass
class Way:
    """How one network is tuned; `prepare` may change it first."""

    prepare: Callable[[Network, World], None] = lambda network, world: None
    objective: Callable[[Network, World], Term] = lambda network, world: CrossEntropy()
    options: Callable[[Network, World], dict] = lambda network, world: {}
    batch_norm: str = "train"
    mix: Mixing | None = None
    frozen: bool = False


def from_nothing(network: Network, world: World) -> None:
    torch.manual_seed(world.seed)
    network.load_state_dict(Network().state_dict())


def ridge_head(network: Network, world: World) -> None:
    """The closed-form head first (LP-FT with a free first step)."""
    with torch.no_grad():
        features = network.eval().pool(network.body(world.inputs)).numpy()
        head = Ridge().fit(features.astype(np.float64), world.labels.numpy())
        network.head.weight.copy_(torch.from_numpy(head.coef_.T))
        network.head.bias.copy_(torch.from_numpy(head.intercept_))


def source_opinion(world: World) -> Tensor:
    with torch.no_grad():
        network = world.source.eval()
        proba = torch.softmax(network.source(network.pool(network.body(world.inputs))), dim=1)
    return relationship(proba.numpy(), world.labels.numpy(), CLASSES)


def auto_rgn(network: Network, world: World) -> dict:
    rates = relative_gradient_rates(
        network, batches_of(world), objective=CrossEntropy(), layers=LAYERS, looks=4, seed=world.seed
    )
    return {"rates": rates}


START = copy.deepcopy
WAYS = {
    "from scratch": Way(from_nothing),
    "head alone (ridge)": Way(ridge_head, frozen=True),
    "fine-tuning": Way(),
    "fine-tuning, BatchNorm frozen": Way(batch_norm="frozen"),
    "ridge head first (LP-FT)": Way(ridge_head),
    "ridge head first, BatchNorm frozen": Way(ridge_head, batch_norm="frozen"),
    "layer decay 0.5": Way(options=lambda network, world: {"rates": layer_decay(LAYERS, decay=0.5)}),
    "rates from relative gradients": Way(options=auto_rgn),
    "gradual unfreezing": Way(options=lambda network, world: {"unfreezing": Unfreezing.from_the_top(LAYERS)}),
    "L2-SP 0.1": Way(objective=lambda network, world: CrossEntropy() + 0.1 * Anchor.l2sp(START(network))),
    "DELTA 0.01": Way(
        objective=lambda network, world: CrossEntropy() + 0.01 * Delta(START(network), ["body.1", "body.2"])
    ),
    "BSS 0.001": Way(objective=lambda network, world: CrossEntropy() + 0.001 * SpectralShrinkage("pool")),
    "Co-Tuning 2.3": Way(
        objective=lambda network, world: (
            CrossEntropy() + 2.3 * CoTuning(source_opinion(world), features="pool", head="source")
        )
    ),
    "StochNorm 0.5": Way(lambda network, world: stochastic_norms(network) and None),
    "mixup 0.2": Way(mix=Mixing(n_classes=CLASSES, mixup=0.2)),
    "average 0.95": Way(options=lambda network, world: {"average": 0.95}),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two seeds, one size, nothing kept")
    quick = parser.parse_args().quick
    torch.set_num_threads(1)
    seeds, sizes = (2, (5,)) if quick else (10, (2, 5, 20))
    tables = {f"{n} labels a class": table(n, seeds) for n in sizes}
    notes = [
        f"{seeds} seeds: another source network, other labelled rows, another head each. Accuracy in percent, mean ± "
        "standard error. Gains over plain fine-tuning in points, paired by seed, with 95 % intervals (t).",
        f"{TUNING.steps} steps of AdamW for every way, rate {TUNING.lr:g} with warm-up and cosine, batches of "
        f"{TUNING.batch_size}, the same rows at every step. Weights of terms as published, not tuned to this task.",
        "From scratch is the null baseline; a way that does not beat the head alone is not worth its steps.",
    ]
    report("regularisers", "Few labels: what holds a fine-tuned network", tables, notes, quick=quick)


def table(n: int, seeds: int) -> Table:
    found: dict[str, list[float]] = {name: [] for name in WAYS}
    for seed in tqdm(range(seeds), f"{n} labels", leave=False):
        world = world_of(n, seed)
        for name, way in WAYS.items():
            found[name].append(accuracy(tuned(way, world), world))
    plain = np.array(found["fine-tuning"])
    rows = []
    for name, scores in found.items():
        values = 100 * np.array(scores)
        gain = "" if name == "fine-tuning" else interval(values - 100 * plain)
        rows.append([name, f"{values.mean():.1f} ± {values.std(ddof=1) / np.sqrt(len(values)):.1f}", gain])
    return ["way", "accuracy", "over plain fine-tuning"], rows


def world_of(n: int, seed: int) -> World:
    digits = load_digits()
    pixels, labels = torch.from_numpy(digits.images / 16).float()[:, None], torch.from_numpy(digits.target).long()
    source = labels < CLASSES
    torch.manual_seed(seed)
    network = Network()
    network.head, spare = network.source, network.head  # the source's head is learned in the head's place
    rows = Batches(pixels[source], {"labels": labels[source]}, size=32, seed=seed)
    list(train(network, rows, objective=CrossEntropy(), schedule=Schedule(steps=300, lr=5e-3), seed=seed))
    network.source, network.head = network.head, spare
    target, codes = pixels[~source], labels[~source] - CLASSES
    order = torch.randperm(len(target), generator=torch.Generator().manual_seed(seed))
    chosen = torch.cat([order[codes[order] == code][:n] for code in range(CLASSES)])
    others = order[~torch.isin(order, chosen)]
    return World(network, target[chosen], codes[chosen], target[others], codes[others], seed)


def batches_of(world: World, mix: Mixing | None = None) -> Batches:
    size = min(TUNING.batch_size, len(world.labels))
    return Batches(world.inputs, {"labels": world.labels}, size=size, seed=world.seed, mix=mix)


def tuned(way: Way, world: World) -> Network:
    network = copy.deepcopy(world.source)
    way.prepare(network, world)
    if way.frozen:
        return network
    objective, options = way.objective(network, world), way.options(network, world)
    with batch_norms(network, way.batch_norm):
        steps = train(
            network, batches_of(world, way.mix), objective=objective, schedule=TUNING, seed=world.seed, **options
        )
        for _ in steps:
            pass
    return network


def accuracy(network: Network, world: World) -> float:
    with torch.no_grad():
        return float((network.eval()(world.test).argmax(dim=1) == world.test_labels).double().mean())


def interval(gains: np.ndarray) -> str:
    from scipy.stats import t

    half = t.ppf(0.975, len(gains) - 1) * gains.std(ddof=1) / np.sqrt(len(gains))
    return f"{gains.mean():+.1f} [{gains.mean() - half:+.1f}, {gains.mean() + half:+.1f}]"


if __name__ == "__main__":
    main()
