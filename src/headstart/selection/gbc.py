"""GBC: how much classes overlap as Gaussians (Pándy, Agostinelli, Uijlings, Ferrari & Mensink, CVPR 2022)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.special import logsumexp

from headstart.arrays import Labels, Matrix
from headstart.selection.chance import above_chance
from headstart.selection.labelled import LabelledFeatures
from headstart.selection.metric import Measurement, Metric
from headstart.stats.kernels import squared_distances

FLOOR = 1e-3  # of the mean class variance: a class of one row is no point


@dataclass(frozen=True)
class GBC(Metric):
    """-log Σ_{i≠j} exp(-D_B(i, j)), D_B the Bhattacharyya distance of two classes as spherical Gaussians.

    The published score is -Σ exp(-D_B), whose order is the same until well separated classes underflow to a tie at 0.

    components    leading principal components kept, as published: without, noise beyond n columns scores best of all
    above_chance  take off what permuted labels score
    """

    name: ClassVar[str] = "gbc"
    components: int = 64
    above_chance: bool = True

    def _measure(self, features: LabelledFeatures) -> Measurement:
        rows = features.unit_coordinates[:, -self.components :]
        if not rows.shape[1]:
            return Measurement(0.0 if self.above_chance else overlap(np.zeros((len(rows), 1)), features.codes))
        if not self.above_chance:
            return Measurement(overlap(rows, features.codes))
        return Measurement(above_chance(lambda codes: overlap(rows, codes), features.codes, features.rng))


def overlap(rows: Matrix, codes: Labels) -> float:
    """-log Σ_{i≠j} exp(-D_B) of rows (n, d) with codes 0..C-1 (n,), each class with at least one row."""
    counts = np.bincount(codes)
    sums = np.zeros((len(counts), rows.shape[1]))
    np.add.at(sums, codes, rows)
    means = sums / counts[:, None]
    within = np.bincount(codes, ((rows - means[codes]) ** 2).sum(axis=1)) / counts / rows.shape[1]
    variance = np.maximum(within, FLOOR * within.mean() or 1e-12)
    middle = (variance[:, None] + variance[None]) / 2
    distance = squared_distances(means, means) / (8 * middle)
    distance += rows.shape[1] / 2 * np.log(middle / np.sqrt(variance[:, None] * variance[None]))
    return -float(logsumexp(-distance[~np.eye(len(counts), dtype=bool)]))
