"""Small labelled worlds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

Builder = Callable[..., tuple[np.ndarray, np.ndarray]]


@pytest.fixture
def world() -> Builder:
    """`world(n, d, classes, apart=, seed=)`: rows of unit noise around class means, and their codes."""

    def build(n: int, d: int, classes: int, *, apart: float = 2.0, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng(seed)
        y = rng.permutation(np.arange(n) % classes)
        means = apart * rng.normal(size=(classes, d)) / np.sqrt(d)
        return 2 + means[y] + rng.normal(size=(n, d)) / np.sqrt(d), y

    return build
