"""Fine-tuning starts where the source ended, and keeps what it knows by name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from headstart.data.dataset import Dataset
from headstart.data.samples import VectorRows
from headstart.problem import Domain, Task
from headstart.strategies.fine_tuning import fine_tuned, last_layer, started_for
from headstart.strategies.ground import Ground
from headstart.strategies.nulls import from_scratch
from headstart.strategies.source_network import source_network

from .worlds import ground_of


def crossed(n: int, *, seed: int, classes: tuple[str, str] = ("same", "other")) -> Dataset:
    """Two classes that differ in the sign of a product: few rows do not show it, a trained network knows it."""
    X = np.random.default_rng(seed).standard_normal((n, 6)).astype(np.float32)
    labels = (X[:, 0] * X[:, 1] > 0).astype(np.int64)
    ids = tuple(f"row {seed} {row}" for row in range(n))
    return Dataset(Domain("vector", "crossed"), Task(classes), VectorRows(X), labels, ids)


def ground(n_train: int = 40) -> Ground:
    data = crossed(n_train + 300, seed=1)
    return ground_of(replace(data, parts=("train",) * n_train + ("test",) * 300))


def test_it_gains_over_scratch_by_its_start(tmp_path: Path) -> None:
    world = ground()
    tuned = fine_tuned(world, source_network(crossed(1500, seed=0), root=tmp_path))
    assert tuned is not None and tuned.kind == "fine-tuned"
    assert tuned.gain_over(from_scratch(world), world).low > 0


def test_before_training_it_answers_as_the_source_does(tmp_path: Path) -> None:
    network = source_network(crossed(300, seed=0), root=tmp_path)
    wanted = Task(("other", "same"))  # the same names in another order
    started = started_for(network.backbone, network.task, wanted, seed=0)  # type: ignore[arg-type]
    batch = torch.randn(20, 6)
    with torch.no_grad():
        old, new = network.backbone.module.eval()(batch), started.module.eval()(batch)  # type: ignore[attr-defined]
    assert torch.equal(new, old[:, [1, 0]])


def test_unknown_classes_start_fresh_and_known_ones_keep_their_rows() -> None:
    old = {"classifier.weight": torch.arange(6.0).reshape(2, 3), "classifier.bias": torch.tensor([7.0, 8.0])}
    new = {"classifier.weight": torch.full((3, 3), -1.0), "classifier.bias": torch.full((3,), -1.0)}
    merged = last_layer(old, new, (1, -1, 0))
    assert merged["classifier.weight"].tolist() == [[3, 4, 5], [-1, -1, -1], [0, 1, 2]]
    assert merged["classifier.bias"].tolist() == [8, -1, 7]


def test_the_source_network_itself_does_not_move(tmp_path: Path) -> None:
    network = source_network(crossed(300, seed=0), root=tmp_path)
    before = {name: tensor.clone() for name, tensor in network.backbone.state().items()}
    fine_tuned(ground(), network)
    assert all(torch.equal(tensor, before[name]) for name, tensor in network.backbone.state().items())
    network.backbone.check_unmoved()  # type: ignore[attr-defined]
