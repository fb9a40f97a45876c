"""Small data sets of every kind, made so that labels can be learned from few rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
import torch

from headstart.data.dataset import Dataset
from headstart.data.samples import VectorRows
from headstart.problem import Domain, Task
from headstart.strategies.recipes import Recipe
from headstart.training.schedule import Schedule


def dataset_of(modality, items, labels, classes, name="small") -> Dataset:
    ids = tuple(f"row {row}" for row in range(len(items)))
    return Dataset(Domain(modality, name), Task(classes), items, np.asarray(labels, dtype=np.int64), ids)


def make_pictures(n: int = 60, side: int = 8, channels: int = 1, seed: int = 0) -> Dataset:
    """Bars that stand, bars that lie, and dots, each at a random place on black."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 3
    items = []
    for label in labels:
        picture = np.zeros((side, side), dtype=np.uint8)
        row, column = rng.integers(2, side - 2, size=2)
        rows, columns = [(slice(1, -1), column), (row, slice(1, -1)), (slice(row - 1, row + 1),) * 2][label]
        picture[rows, columns] = rng.integers(150, 256)
        items.append(picture if channels == 1 else np.stack([picture, picture // 2, 255 - picture], axis=2))
    return dataset_of("image", items, labels, ("standing", "lying", "dot"))


def make_vectors(n: int = 90, d: int = 6, seed: int = 0) -> Dataset:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d)) * 10 ** np.arange(d)
    labels = (X[:, :3] / 10 ** np.arange(3)).argmax(axis=1)
    return dataset_of("vector", VectorRows(X), labels, ("a", "b", "c"))


def make_texts(n: int = 60, seed: int = 0) -> Dataset:
    rng = np.random.default_rng(seed)
    words = {0: ["rain", "cloud", "storm"], 1: ["goal", "match", "team"]}
    labels = np.arange(n) % 2
    items = [f"the {rng.choice(words[label])} and the {rng.choice(words[label])} today" for label in labels]
    return dataset_of("text", items, labels, ("weather", "sport"))


@pytest.fixture
def pictures() -> Callable[..., Dataset]:
    return make_pictures


@pytest.fixture
def vectors() -> Callable[..., Dataset]:
    return make_vectors


@pytest.fixture
def texts() -> Callable[..., Dataset]:
    return make_texts


@pytest.fixture
def short() -> Callable[[int], Recipe]:
    """A recipe that is over in no time."""
    return lambda steps=25: Recipe(schedule=Schedule(steps=steps, batch_size=16, lr=5e-3), width=8)


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Bits are promised for one number of threads; a child process is given one too."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
