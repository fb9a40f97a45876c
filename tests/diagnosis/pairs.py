"""Small worlds with known answers, for the tests of this room."""

from __future__ import annotations

import numpy as np

from headstart.diagnosis.side import Side

WEIGHTS = np.array([1.5, -1.5, 1.0, 0.0, 0.0, 0.0])


def labels_of(X: np.ndarray, weights: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return np.where(rng.random(len(X)) < 1 / (1 + np.exp(-X @ weights)), "yes", "no")


def pair(
    n: int = 400, *, shift: float = 0.0, concept: bool = False, seed: int = 0, labelled: bool = True
) -> tuple[Side, Side]:
    """Six columns, two classes; `shift` moves three columns of the target, `concept` turns its labels' direction."""
    rng = np.random.default_rng(seed)
    first, second = rng.standard_normal((n, 6)), rng.standard_normal((n, 6))
    second[:, [0, 1, 3]] += shift
    turned = np.array([-1.5, -1.5, 1.0, 1.0, 0.0, 0.0]) if concept else WEIGHTS
    columns = tuple(f"c{i}" for i in range(6))
    y_first, y_second = labels_of(first, WEIGHTS, rng), labels_of(second, turned, rng)
    return (
        Side.of(first, y_first, classes=("no", "yes"), columns=columns, name="old"),
        Side.of(second, y_second if labelled else None, classes=("no", "yes"), columns=columns, name="new"),
    )
