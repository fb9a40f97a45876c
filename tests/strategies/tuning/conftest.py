"""A network and a rule that its frozen features show badly: the sign of a product of two columns."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.backbones.opening import open_backbone
from headstart.data.dataset import Dataset
from headstart.data.samples import VectorRows
from headstart.data.splitting import split
from headstart.features.store import Store
from headstart.problem import Domain, Task
from headstart.strategies.ground import Ground
from headstart.strategies.tuning.recipe import TuningRecipe
from headstart.strategies.tuning.tuner import Tuner


def product_rule(n: int = 400, *, seed: int = 0) -> Dataset:
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, 6)).astype(np.float32)
    labels = (X[:, 0] * X[:, 1] > 0).astype(np.int64)
    return Dataset(Domain("vector", "product"), Task(("no", "yes")), VectorRows(X), labels, tuple(map(str, range(n))))


@pytest.fixture(scope="session")
def dataset() -> Dataset:
    return product_rule()


@pytest.fixture(scope="session")
def ground(dataset) -> Ground:
    return Ground(dataset, split(dataset, folds=3))


@pytest.fixture(scope="session")
def network():
    return open_backbone("mlp", inputs=6, width=32)


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(tmp_path / "store")


@pytest.fixture(scope="session")
def quick() -> TuningRecipe:
    """A recipe that learns the rule within a second."""
    return TuningRecipe(move="all", epochs=12, lr=1e-2, decay=1.0, views=1)


@pytest.fixture
def tuner(ground, network, quick, store) -> Tuner:
    rows = np.concatenate([ground.train, ground.test])
    return Tuner(ground.dataset, network, quick, rows=rows, train=ground.train, seed=0, store=store)
