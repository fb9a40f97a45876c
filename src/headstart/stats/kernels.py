"""The Gaussian kernel, its usual bandwidth, and random features whose inner products approach it (Rahimi & Recht,
NeurIPS 2007)."""

from __future__ import annotations

import numpy as np

from headstart.arrays import Matrix, Vector


def squared_distances(x: Matrix, y: Matrix) -> Matrix:
    """(n, m) squared Euclidean distances; never negative.

    One product of rows beside their squared lengths: to add these to a product of the rows alone would read and write
    all pairs twice more.
    """
    d, precision = x.shape[1], np.result_type(x, y, np.float32)
    left, right = (np.ones((len(rows), d + 2), dtype=precision) for rows in (x, y))
    np.multiply(x, -2.0, out=left[:, :d])
    right[:, :d] = y
    left[:, d], right[:, d + 1] = (np.einsum("ij,ij->i", rows, rows) for rows in (x, y))
    found = left @ right.T
    if found.min(initial=0.0) < 0:  # to look costs a fraction of what to cut does
        np.maximum(found, 0.0, out=found)
    return np.asarray(found)


def rbf(x: Matrix, y: Matrix, bandwidth: float) -> Matrix:
    """exp(-|x - y|² / (2 bandwidth²)), shape (n, m).

    >>> rbf(np.zeros((1, 2)), np.array([[0.0, 2.0]]), 2.0).round(4)
    array([[0.6065]])
    """
    distances = squared_distances(x, y)
    distances *= -0.5 / bandwidth**2
    return np.asarray(np.exp(distances, out=distances))


def median_bandwidth(x: Matrix, *, most: int = 500, rng: np.random.Generator) -> float:
    """The median distance between rows (at most `most` of them); 1.0 where all rows are equal."""
    rows = x if len(x) <= most else x[rng.choice(len(x), most, replace=False)]
    distances = squared_distances(rows, rows)[np.tri(len(rows), k=-1, dtype=bool)]
    middle = float(np.sqrt(np.median(distances))) if len(distances) else 0.0
    return middle or 1.0


def random_features(x: Matrix, bandwidth: float, *, count: int, rng: np.random.Generator) -> Matrix:
    """(n, 2·count) cosines and sines whose inner products approach `rbf(x, x, bandwidth)`."""
    frequencies = rng.standard_normal((x.shape[1], count)).astype(x.dtype) / x.dtype.type(bandwidth)
    return waves(x, frequencies)


def waves(x: Matrix, frequencies: Matrix) -> Matrix:
    """The same (n, 2·count) for frequencies (d, count) already drawn."""
    angles = x @ frequencies
    found: Vector = np.concatenate([np.cos(angles), np.sin(angles)], axis=1)
    return found * found.dtype.type(1 / np.sqrt(frequencies.shape[1]))
