"""Small worlds that every head is tried on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

World = tuple[np.ndarray, np.ndarray]


@pytest.fixture
def world() -> Callable[..., World]:
    """`world(n, d, n_classes, apart=3.0, seed=0, counts=None)`: Gaussian classes around random centres, shuffled."""

    def build(
        n: int, d: int, n_classes: int, *, apart: float = 3.0, seed: int = 0, counts: list[int] | None = None
    ) -> World:
        rng = np.random.default_rng(seed)
        y = np.arange(n) % n_classes if counts is None else np.repeat(np.arange(n_classes), counts)
        y = rng.permutation(y)
        centres = rng.normal(size=(n_classes, d))
        centres *= apart / np.linalg.norm(centres, axis=1, keepdims=True)
        return rng.normal(size=(n, d)) + centres[y], y

    return build
