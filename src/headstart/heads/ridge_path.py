"""The ridge path: all penalties judged by exact leave-one-out from one decomposition (Golub, Heath & Wahba, 1979)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.arrays import Labels, Mask, Matrix, Vector
from headstart.errors import DataError
from headstart.heads.statistics import ClassWeight, Statistics
from headstart.stats.spectrum import Spectrum

STEPS = tuple(float(step) for step in np.logspace(-5, 3, 17))
BLOCK, COLUMNS = 512, 4096  # rows, and ridge-target pairs, of one matrix product


@dataclass(frozen=True, eq=False)
class RidgeProblem:
    """Targets Y (m, k) of the kept rows beside what all rows say of them: V'√sY (r, k) and their average (k,)."""

    spectrum: Spectrum
    Y: Matrix
    projected: Matrix
    average: Vector

    @classmethod
    def of(cls, spectrum: Spectrum, Y: Matrix) -> RidgeProblem:
        return cls(spectrum, Y, spectrum.project(Y), spectrum.average(Y))

    @classmethod
    def of_classes(cls, statistics: Statistics, class_weight: ClassWeight = None) -> RidgeProblem:
        """The class indicators as targets, from the moments where not all rows were kept."""
        spectrum = statistics.spectrum_with(class_weight)
        moments = statistics.moments
        if moments is None or spectrum.directions is None:
            return cls.of(spectrum, statistics.one_hot)
        projected = (spectrum.directions.T @ moments.class_cross) / np.sqrt(spectrum.values)[:, None]
        return cls(spectrum, statistics.one_hot, projected, moments.counts / moments.total)

    def columns(self, chosen: Mask) -> RidgeProblem:
        """The same with some of the targets only."""
        return RidgeProblem(self.spectrum, self.Y[:, chosen], self.projected[:, chosen], self.average[chosen])

    def loo(self, ridge: float) -> Matrix:
        """Prediction (m, k) for each kept row by the ridge fitted without it."""
        ridges = np.array([ridge])
        mixtures, predicted = self.spectrum.mixtures(self.projected, ridges), np.empty(self.Y.shape)
        for start in range(0, len(self.Y), BLOCK):
            rows = slice(start, start + BLOCK)
            predicted[rows] = self.Y[rows] - self.loo_residuals(mixtures, ridges, rows)[:, 0]
        return predicted

    def loo_residuals(self, mixtures: NDArray[np.floating[Any]], ridges: Vector, rows: slice) -> NDArray[Any]:
        """Target minus prediction by the ridge fitted without the row, for some rows and every ridge; (rows, L, k)."""
        unexplained = self.spectrum.unexplained(self.centred, mixtures, rows)
        return self.spectrum.left_out(unexplained, self.spectrum.remaining(ridges, rows), rows)

    @cached_property
    def centred(self) -> Matrix:
        """√s (Y - average) (m, k)."""
        return self.spectrum.centred(self.Y, self.average)

    def solution(self, ridge: float) -> tuple[Matrix, Vector]:
        """Coefficients (d, k) and intercepts (k,)."""
        coefficients = self.spectrum.coefficients(self.projected, ridge)
        return coefficients, self.average - self.spectrum.mean @ coefficients


def loo_path(problem: RidgeProblem, ridges: Vector, codes: Labels | None = None) -> tuple[Vector, Vector]:
    """Weighted leave-one-out accuracy (L,) of the arg max, and squared error per row (L,), for every ridge.

    With `codes` the targets are their one-hot rows; without (regression) the accuracies are zero. Several ridges go
    through one matrix product, a block of rows at a time.
    """
    together = max(1, COLUMNS // problem.Y.shape[1])
    parts = [_loo_part(problem, ridges[at : at + together], codes) for at in range(0, len(ridges), together)]
    accuracy, squared_error = np.concatenate(parts, axis=1) / (problem.spectrum.root_weights**2).sum()
    return accuracy.clip(max=1.0), squared_error


def _loo_part(problem: RidgeProblem, ridges: Vector, codes: Labels | None) -> Matrix:
    """Weights of the rows that are right, and weighted squared errors, summed; (2, L)."""
    spectrum, sums = problem.spectrum, np.zeros((2, len(ridges)))
    mixtures = spectrum.mixtures(problem.projected, ridges)
    for start in range(0, len(problem.Y), BLOCK):
        rows = slice(start, start + BLOCK)
        weights = spectrum.root_weights[rows] ** 2
        residuals = problem.loo_residuals(mixtures, ridges, rows)
        sums[1] += weights @ np.einsum("nlk,nlk->nl", residuals, residuals)
        if codes is not None:
            residuals[np.arange(len(residuals)), :, codes[rows]] -= 1  # residual - target: minus the prediction
            sums[0] += weights @ (residuals.argmin(axis=2) == codes[rows, None])
    return sums


def best_step(accuracy: Vector, error: Vector) -> int:
    """Most accurate; among equals, of the least error. Accuracies that rounding tells apart are equal."""
    tied = np.flatnonzero(accuracy >= accuracy.max() - 1e-12)
    return int(tied[error[tied].argmin()])


def ridges_for(spectrum: Spectrum, given: float | None, steps: Sequence[float]) -> Vector:
    """The penalties to try: the given one, or `steps` times the mean eigenvalue."""
    ridges = np.array([given]) if given is not None else np.asarray(steps) * spectrum.scale
    if not ((ridges > 0) & np.isfinite(ridges)).all():
        raise DataError(f"ridge penalties must be positive and finite, got {ridges.tolist()}")
    return np.asarray(ridges, dtype=np.float64)
