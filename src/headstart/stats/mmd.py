"""Maximum mean discrepancy (Gretton et al., JMLR 2012): how far apart two samples lie in a kernel's feature space."""

from __future__ import annotations

import numpy as np

from headstart.arrays import Matrix, Vector
from headstart.stats.kernels import rbf


def mmd2(x: Matrix, y: Matrix, *, bandwidth: float) -> float:
    """Unbiased squared MMD under the Gaussian kernel (eq. 3): 0 on average when both come from one distribution."""
    n, m = len(x), len(y)
    within_x = (rbf(x, x, bandwidth).sum() - n) / (n * (n - 1))
    within_y = (rbf(y, y, bandwidth).sum() - m) / (m * (m - 1))
    return float(within_x + within_y - 2 * rbf(x, y, bandwidth).mean())


def mmd2_of_sums(x_sum: Vector, n: float, y_sum: Vector, m: float) -> float:
    """The same from sums of features whose rows have length 1 (random Fourier features), one pass over any n."""
    within_x = (x_sum @ x_sum - n) / (n * (n - 1))
    within_y = (y_sum @ y_sum - m) / (m * (m - 1))
    return float(within_x + within_y - 2 * (x_sum @ y_sum) / (n * m))


def spread_between_halves(features: Matrix, *, draws: int = 100, rng: np.random.Generator) -> Vector:
    """`draws` values of the squared MMD between two random halves of one sample, scaled to the size of the whole.

    features (n, f) have rows of length 1. A half has half the rows, so that its noise is twice that of the whole.
    """
    n = len(features)
    half = n // 2
    values = np.empty(draws)
    for draw in range(draws):
        order = rng.permutation(n)
        first, second = features[order[:half]].sum(axis=0), features[order[half : 2 * half]].sum(axis=0)
        values[draw] = mmd2_of_sums(first, half, second, half) / 2
    return values
