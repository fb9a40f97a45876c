"""Optimal transport between samples, along lines: sliced Wasserstein (Bonneel et al., J. Math. Imaging Vis. 2015)."""

from __future__ import annotations

import numpy as np

from headstart.arrays import Matrix

QUANTILES = 200


def sliced_wasserstein(projected_source: Matrix, projected_target: Matrix) -> float:
    """Root mean squared distance of sorted projections (n, k) and (m, k), averaged over the k lines.

    Samples of unlike size are compared at 200 quantiles, those of like size value by value.
    """
    if len(projected_source) == len(projected_target):
        first, second = np.sort(projected_source, axis=0), np.sort(projected_target, axis=0)
    else:
        at = (np.arange(QUANTILES) + 0.5) / QUANTILES
        first, second = np.quantile(projected_source, at, axis=0), np.quantile(projected_target, at, axis=0)
    return float(np.sqrt(((first - second) ** 2).mean()))


def directions(d: int, count: int, rng: np.random.Generator) -> Matrix:
    """(d, count) unit vectors, evenly spread over the sphere."""
    drawn = rng.standard_normal((d, count))
    return np.asarray(drawn / np.linalg.norm(drawn, axis=0))
