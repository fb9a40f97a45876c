"""Small grounds and entries with known accuracies, for tests of choosing and gathering."""

from __future__ import annotations

import numpy as np

from headstart.data.dataset import Dataset
from headstart.data.samples import VectorRows
from headstart.data.splitting import split
from headstart.problem import Domain, Task
from headstart.strategies.ground import Evaluated, Ground


def blobs(n: int = 400, *, classes: int = 2, apart: float = 3.0, width: int = 5, seed: int = 0) -> Dataset:
    """Gaussian classes `apart` standard deviations from each other."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % classes
    centres = rng.standard_normal((classes, width))
    centres *= apart / np.linalg.norm(centres, axis=1, keepdims=True)
    X = centres[labels] + rng.standard_normal((n, width))
    names = tuple(f"class {code}" for code in range(classes))
    ids = tuple(f"row {row}" for row in range(1, n + 1))
    return Dataset(Domain("vector", "blobs"), Task(names), VectorRows(X), labels.astype(np.int64), ids)


def ground_of(dataset: Dataset, *, seed: int = 0) -> Ground:
    return Ground(dataset, split(dataset, seed=seed), seed)


def entry_with(
    ground: Ground, wrong_train: np.ndarray, *, kind: str = "frozen features", cost: float = 1.0, name: str = "entry"
) -> Evaluated:
    """An entry that errs on exactly the given training positions and on no held-out row. Two classes."""
    labels = ground.labels[ground.train].copy()
    labels[wrong_train] = 1 - labels[wrong_train]
    validation = np.eye(2)[labels]
    runs = (labels == ground.labels[ground.train]).astype(float)[None]
    return Evaluated(
        name=name, kind=kind, validation=validation, runs=runs, test=np.eye(2)[ground.labels[ground.test]], cost=(cost,)
    )
