"""Maximum-likelihood proportions of known components: EM (Dempster, Laird & Rubin, 1977) accelerated by squared
extrapolation (Varadhan & Roland, 2008), with the exact distance to the optimum it has left."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from headstart.arrays import Matrix, Vector


@dataclass(frozen=True, eq=False)
class Proportions:
    """shares (k,) that sum to 1; gap: an upper bound, in nats per row, of what the likelihood could still gain."""

    shares: Vector
    gap: float
    iterations: int


def mixture_proportions(densities: Matrix, *, tolerance: float = 1e-6, max_iter: int = 2000) -> Proportions:
    """The shares q of components that maximise mean_j log Σ_b q_b densities[j, b].

    densities (n, k) are not negative, each row with a positive entry, in any unit per row; products with them are taken
    in their precision. The problem is concave, and
    max_b mean_j densities[j, b] / (densities q)_j - 1 bounds what is missing (the Frank-Wolfe gap).

    >>> mixture_proportions(np.array([[1.0, 0], [1, 0], [1, 0], [0, 1]])).shares.round(3)
    array([0.75, 0.25])
    """
    densities = densities / densities.max(axis=1, keepdims=True)
    q = np.full(densities.shape[1], 1 / densities.shape[1])
    fitted = densities @ q.astype(densities.dtype)
    slopes = _slopes(densities, fitted)
    iterations = 0
    while slopes.max() - 1 > tolerance and iterations < max_iter:
        iterations += 1
        once = q * slopes
        twice = once * _slopes(densities, densities @ once.astype(densities.dtype))
        q, fitted = _extrapolated(densities, q, once, twice)
        slopes = _slopes(densities, fitted)
    return Proportions(q, float(slopes.max() - 1), iterations)


def _slopes(densities: Matrix, fitted: Vector) -> Vector:
    """The derivative of the mean log-likelihood by each share (k,), where the mixture has these densities (n,); its
    average weighted by the shares is 1."""
    return np.asarray((1 / fitted) @ densities / len(densities), dtype=np.float64)


def _extrapolated(densities: Matrix, start: Vector, once: Vector, twice: Vector) -> tuple[Vector, Vector]:
    """Shares further along than two steps, if they are as likely, and the mixture's densities (n,) there."""
    fitted = densities @ twice.astype(densities.dtype)
    first, second = once - start, twice - 2 * once + start
    length = float(np.sqrt(second @ second))
    if length == 0:
        return twice, fitted
    step = max(1.0, float(np.sqrt(first @ first)) / length)
    bold = np.maximum(start + 2 * step * first + step**2 * second, 1e-2 * twice)  # a share of 0 would never come back
    bold /= bold.sum()
    further = densities @ bold.astype(densities.dtype)
    better = float(np.log(further / fitted).sum(dtype=np.float64)) >= 0
    return (bold, further) if better else (twice, fitted)
