"""Two small worlds in which it is known what A's layers are worth to B."""

from __future__ import annotations

import numpy as np

from headstart.backbones.mlp import open_mlp
from headstart.data.dataset import Dataset
from headstart.data.samples import VectorRows
from headstart.problem import Domain, Task
from headstart.strategies.recipes import Recipe
from headstart.strategies.transferability.blueprint import Blueprint
from headstart.training.schedule import Schedule

COLUMNS = 12
RECIPE = Recipe(schedule=Schedule(steps=25, batch_size=32, lr=3e-3), width=16)


def rows(code, *, n: int = 700, name: str = "rows", seed: int = 0) -> Dataset:
    """Gaussian rows labelled by a function of the row."""
    X = np.random.default_rng(seed).standard_normal((n, COLUMNS)).astype(np.float32)
    labels = code(X).astype(np.int64)
    names = tuple(f"class {label}" for label in range(labels.max() + 1))
    ids = tuple(f"row {row}" for row in range(1, n + 1))
    return Dataset(Domain("vector", name), Task(names), VectorRows(X), labels, ids)


def source(X):
    """Four classes by the signs of two products: no layer can be linear, and only columns 0 to 3 matter."""
    return 2 * (X[:, 0] * X[:, 1] > 0) + (X[:, 2] * X[:, 3] > 0)


def coarse(X):
    """What the source already tells apart: the first of its two signs."""
    return X[:, 0] * X[:, 1] > 0


def elsewhere(X):
    """Columns of which the source needs nothing, so that its upper layers have no reason to keep them."""
    return X[:, 8] * X[:, 9] > 0


def small_blueprint(*, seed: int = 0) -> Blueprint:
    return Blueprint(open_mlp(inputs=COLUMNS, width=16, depth=3, seed=seed))
