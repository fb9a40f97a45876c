"""What the omnibus test looks at: one wide matrix of features, in blocks that each see another kind of difference.

block        sees
whitened     means along directions of little variance (Hotelling, 1931)
coordinates  means of single columns
squares      scales of single columns
shapes       everything else about single columns: cosines of their ranks (Neyman's smooth test, 1937)
products     correlations between columns (between components where there are many columns)
leading      scales and correlations of the few largest components: small groups of rows that lie elsewhere
waves        everything else, at a small, a middle and a large distance (random Fourier features: a kernel MMD)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from headstart.arrays import Matrix
from headstart.stats.covariance import standardised, whitened
from headstart.stats.kernels import median_bandwidth, random_features

MOST_PAIRED = 64  # products grow with the square
LEADING = 6
MOST_WHITENED = 256
WAVES = 128  # frequencies per bandwidth
BANDWIDTHS = {"near": 0.35, "middle": 0.7, "far": 1.4}  # multiples of the median distance


@dataclass(frozen=True)
class Block:
    """Columns of the stacked matrix; statistics are the sum of their squared contrasts and, if asked, the largest."""

    name: str
    values: Matrix
    largest: bool = False


def blocks_of(X: Matrix, *, rng: np.random.Generator) -> tuple[Block, ...]:
    """All blocks of the pooled rows (n, d); every column centred and of unit variance where that is its scale.

    Uses both sides alike: the labelling never enters, which is what makes the test exact.
    """
    z = standardised(X)
    components = whitened(X, most=MOST_WHITENED)
    paired = z if z.shape[1] <= MOST_PAIRED else components[:, :MOST_PAIRED]
    spread = median_bandwidth(components, rng=rng)
    waves = [
        Block(f"waves {name}", _centred(random_features(components, spread * factor, count=WAVES, rng=rng)))
        for name, factor in BANDWIDTHS.items()
    ]
    pairs = (Block("products", _products(paired, offset=1), largest=True),) if paired.shape[1] > 1 else ()
    return (
        Block("whitened", components),
        Block("coordinates", z, largest=True),
        Block("squares", standardised(z**2), largest=True),
        Block("shapes", _shapes(z if z.shape[1] <= MOST_WHITENED else components), largest=True),
        *pairs,
        Block("leading", _products(components[:, :LEADING], offset=0)),
        *waves,
    )


def _products(X: Matrix, *, offset: int) -> Matrix:
    """Products of every two columns (with themselves too at offset 0), standardised.

    Means and spreads come from two small products, so that the wide matrix is written once and never read again.
    """
    columns, n = np.ascontiguousarray(X.T), len(X)
    means = np.asarray(X.T @ X, dtype=np.float64) / n
    squares = columns**2
    variances = np.asarray(squares @ squares.T, dtype=np.float64) / n - means**2
    floor = 1e-6 * float(squares.max(initial=1e-30))
    scales = np.where(variances > floor**2, 1 / np.sqrt(np.maximum(variances, floor**2)), 0.0)
    d = len(columns)
    products = np.empty((d * (d + 1) // 2 - offset * d, n), dtype=X.dtype)
    start = 0
    for column in range(d):
        others = slice(column + offset, d)
        part = products[start : start + d - column - offset]
        np.multiply(columns[others], columns[column], out=part)
        part -= means[column, others, None].astype(X.dtype)
        part *= scales[column, others, None].astype(X.dtype)
        start += len(part)
    return products.T


def _shapes(X: Matrix) -> Matrix:
    """Cosines of 1 to 4 half turns over the ranks of each column; equal values share a rank."""
    ranks = (rankdata(X, axis=0) - 0.5) / len(X)
    angles = (np.pi * ranks).astype(X.dtype)
    return standardised(np.concatenate([np.cos(turns * angles) for turns in (1, 2, 3, 4)], axis=1))


def _centred(X: Matrix) -> Matrix:
    return np.asarray(X - X.mean(axis=0))
