"""The generalised covariance measure: are two residuals uncorrelated, on average (GCM: Shah & Peters, Annals of
Statistics 2020) and under weights that depend on what was conditioned on (Scheidegger, Hörrmann & Bühlmann, JMLR 2022)?
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.arrays import Matrix, Vector


def residual_product_ps(
    first: Vector,
    second: Matrix,
    weights: Matrix,
    *,
    blocks: NDArray[Any] | None = None,
    draws: int = 999,
    rng: np.random.Generator,
) -> tuple[float, float]:
    """p of "E[first · second] = 0 for every column of second", and of the same under every weight, by a multiplier
    bootstrap of the largest product; both from one set of draws.

    first    (n,) residuals of the one variable; second (n, C) of the other; weights (n, K) functions of the condition
    blocks   (n,) rows that are not independent of each other: they share their multiplier
    draws    bootstrap draws; the smallest p is 1/(draws + 1)
    """
    products = (first[:, None] * second).astype(np.float32)
    weighted = (products[:, :, None] * weights[:, None, :].astype(np.float32)).reshape(len(first), -1)
    flat = np.concatenate([products, weighted], axis=1)
    if blocks is not None:
        unit = np.unique(blocks, return_inverse=True)[1]
        flat = np.stack([np.bincount(unit, column) for column in flat.T], axis=1).astype(np.float32)
    norms = np.sqrt(np.einsum("ij,ij->j", flat, flat, dtype=np.float64))
    kept = norms > 1e-12
    flat *= np.where(kept, 1 / np.where(kept, norms, 1.0), 0.0).astype(np.float32)
    observed = np.abs(flat.sum(axis=0, dtype=np.float64))
    # centred as the bootstrap's world must obey the hypothesis that the sum is zero
    flat -= flat.mean(axis=0)
    drawn = np.abs(rng.standard_normal((draws, len(flat)), dtype=np.float32) @ flat)
    plain = slice(products.shape[1])
    return (_as_large(observed[plain], drawn[:, plain], kept[plain]), _as_large(observed, drawn, kept))


def _as_large(observed: Vector, drawn: Matrix, kept: NDArray[np.bool_]) -> float:
    if not kept.any():
        return 1.0
    return float((1 + (drawn[:, kept].max(axis=1) >= observed[kept].max()).sum()) / (len(drawn) + 1))
