"""N-LEEP: LEEP with the clusters of the features in the place of the source's classes (Li et al., CVPR 2021)."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture

from headstart.arrays import Matrix
from headstart.selection.chance import above_chance
from headstart.selection.labelled import LabelledFeatures
from headstart.selection.leep import leep
from headstart.selection.metric import Measurement, Metric


@dataclass(frozen=True)
class NLEEP(Metric):
    """Principal components of 80 % of the variance, a Gaussian mixture (5 parts per class), LEEP of its posteriors.

    variance, per_class  as published; with few rows there are at most n / 10 components and n / 10 directions
    above_chance         how much of the way from what permuted labels score to 0 it comes: the mixture is judged on the
                         rows it was fitted on. False is the published score
    """

    name: ClassVar[str] = "nleep"
    variance: float = 0.8
    per_class: int = 5
    above_chance: bool = True

    def _measure(self, features: LabelledFeatures) -> Measurement:
        rows = _leading(features.unit_coordinates, self.variance)
        posterior = _clusters(rows, self.per_class * features.n_classes, features.seed)

        def score(codes: np.ndarray) -> float:
            return float(leep(posterior, codes).mean())

        if not self.above_chance:
            return Measurement(score(features.codes))
        return Measurement(above_chance(score, features.codes, features.rng, ceiling=0.0))


def _leading(rows: Matrix, variance: float) -> Matrix:
    """The largest principal components that hold `variance` of the whole; they stand last in `rows`."""
    shares = (rows**2).sum(axis=0)[::-1].cumsum()
    if not len(shares):
        return np.zeros((len(rows), 1))
    count = int(np.searchsorted(shares, variance * shares[-1])) + 1
    return rows[:, ::-1][:, : min(count, max(len(rows) // 10, 1))]


def _clusters(rows: Matrix, wanted: int, seed: int) -> Matrix:
    count = max(min(wanted, len(rows) // 10), 1)
    spread = float((rows**2).mean()) or 1.0
    mixture = GaussianMixture(count, covariance_type="diag", reg_covar=1e-3 * spread, random_state=seed)
    with warnings.catch_warnings():  # a mixture short of convergence clusters well enough
        warnings.simplefilter("ignore", ConvergenceWarning)
        return np.asarray(mixture.fit(rows).predict_proba(rows))
