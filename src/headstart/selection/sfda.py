"""SFDA: Fisher discriminant analysis that is made harder by its own confidence (Shao et al., ECCV 2022)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy import linalg
from scipy.special import softmax

from headstart.arrays import Labels, Matrix
from headstart.selection.chance import above_chance
from headstart.selection.labelled import LabelledFeatures
from headstart.selection.metric import Measurement, Metric


@dataclass(frozen=True)
class SFDA(Metric):
    """Mean posterior of the own class after each row was mixed with the mean of the other classes, the more, the less
    sure the first analysis was of it.

    strength      a of the shrinkage λ = exp(-a σ), σ the largest eigenvalue of the within-class covariance
    above_chance  how much of the way from what permuted labels score to 1 it comes: both analyses are judged on rows
                  they were fitted on, sure of noise once columns outnumber rows. False is the published score

    Rows are scaled to mean squared length 1 first: σ, and so λ, would depend on their scale.
    """

    name: ClassVar[str] = "sfda"
    strength: float = 5.0
    above_chance: bool = True

    def _measure(self, features: LabelledFeatures) -> Measurement:
        rows = features.unit_coordinates
        if not rows.shape[1]:
            return Measurement(0.0 if self.above_chance else 1 / features.n_classes)

        def score(codes: Labels) -> float:
            return sfda(rows, codes, self.strength)

        if not self.above_chance:
            return Measurement(score(features.codes))
        return Measurement(above_chance(score, features.codes, features.rng, ceiling=1.0))


def sfda(rows: Matrix, codes: Labels, strength: float) -> float:
    """Of centred rows (n, d) with codes 0..C-1 (n,)."""
    n = len(rows)
    first = posterior(rows, codes, strength)[np.arange(n), codes]
    counts = np.bincount(codes)
    sums = np.zeros((len(counts), rows.shape[1]))
    np.add.at(sums, codes, rows)
    others = (rows.sum(axis=0) - sums) / (n - counts)[:, None]
    mixed = first[:, None] * rows + (1 - first)[:, None] * others[codes]
    return float(posterior(mixed, codes, strength)[np.arange(n), codes].mean())


def posterior(rows: Matrix, codes: Labels, strength: float) -> Matrix:
    """Softmax of the log posteriors (n, C) of Gaussian classes in the discriminant space, S_W shrunk towards I."""
    n, d = rows.shape
    counts = np.bincount(codes)
    centred = rows - rows.mean(axis=0)
    means = np.zeros((len(counts), d))
    np.add.at(means, codes, centred)
    means /= counts[:, None]
    residual = centred - means[codes]
    within = residual.T @ residual / n
    largest = float(linalg.eigvalsh(within, subset_by_index=[d - 1, d - 1])[0])
    share = max(np.exp(-strength * largest), 1e-8)
    shrunk = (1 - share) * within + share * np.eye(d)
    weights = linalg.solve(shrunk, means.T, assume_a="pos")  # (d, C)
    scores = centred @ weights - 0.5 * np.einsum("cd,dc->c", means, weights) + np.log(counts / n)
    return np.asarray(softmax(scores, axis=1))
