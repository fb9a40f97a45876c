"""The generalised covariance measure: are two residuals uncorrelated, on average (GCM: Shah & Peters, Annals of
Statistics 2020) and under weights that depend on what was conditioned on (Scheidegger, Hörrmann & Bühlmann, JMLR 2022)?
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.arrays import Matrix, Vector


def largest_product_p(
    first: Vector,
    second: Matrix,
    weights: Matrix,
    *,
    blocks: NDArray[Any] | None = None,
    draws: int = 999,
    rng: np.random.Generator,
) -> float:
    """p of "E[first · second · weight] = 0 for every column of both", by a multiplier bootstrap of the largest.

    first    (n,) residuals of the one variable; second (n, C) of the other; weights (n, K) functions of the condition
    blocks   (n,) rows that are not independent of each other: they share their multiplier
    draws    bootstrap draws; the smallest p is 1/(draws + 1)
    """
    products = (first[:, None] * second)[:, :, None] * weights[:, None, :]
    flat = products.reshape(len(first), -1)
    if blocks is not None:
        unit = np.unique(blocks, return_inverse=True)[1]
        flat = np.stack([np.bincount(unit, column) for column in flat.T], axis=1)
    norms = np.sqrt((flat**2).sum(axis=0))
    kept = norms > 1e-12
    if not kept.any():
        return 1.0
    scaled = (flat[:, kept] / norms[kept]).astype(np.float32)
    observed = np.abs(scaled.sum(axis=0)).max()
    # centred as the bootstrap's world must obey the hypothesis that the sum is zero
    scaled -= scaled.mean(axis=0)
    multipliers = rng.standard_normal((draws, len(scaled)), dtype=np.float32)
    drawn = np.abs(multipliers @ scaled).max(axis=1)
    return float((1 + (drawn >= observed).sum()) / (draws + 1))
