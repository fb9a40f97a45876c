"""Rows as an iterative solver likes them: centred, in units of their spread, in no more columns than they span."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from headstart.arrays import Matrix, Vector
from headstart.heads.statistics import Statistics
from headstart.stats.spectrum import Spectrum


@dataclass(frozen=True, eq=False)
class Design:
    """Z (n, r): the rows moved, turned and scaled, so that weights found on them say the same of the rows themselves.

    spread    the square root of the mean eigenvalue of the rows' covariance: Z is in its units
    scale     the mean eigenvalue of their scatter: penalties are sensibly counted in multiples of it
    row       the mean squared length of one row about the mean, in multiples of that scale
    spectrum  whose coordinates Z holds, where there are far fewer rows than columns; None where Z keeps the columns
    """

    Z: Any
    mean: Vector
    spread: float
    scale: float
    row: float
    spectrum: Spectrum | None

    @classmethod
    def of(cls, statistics: Statistics) -> Design:
        """Dense rows are centred; sparse ones are not, as the free intercept makes up for it."""
        X, weights = statistics.X, statistics.weights
        n, d = X.shape
        if not sparse.issparse(X) and 2 * n <= d:
            spectrum = statistics.spectrum
            spread = float(np.sqrt(spectrum.scale / spectrum.total))
            row = float(spectrum.values.sum()) / spectrum.total / spectrum.scale
            return cls(spectrum.coordinates / spread, spectrum.mean, spread, spectrum.scale, row, spectrum)
        mean = np.asarray(weights @ X).ravel() / weights.sum()
        squares = X.multiply(X) if sparse.issparse(X) else (X := X - mean) ** 2
        moments = np.asarray(weights @ squares).ravel()  # of each column
        if sparse.issparse(X):
            moments = (moments - weights.sum() * mean**2).clip(min=0)
            mean = np.zeros(d)
        moving = moments[moments > 1e-24 * moments.max(initial=0.0)]
        scale = float(moments.sum()) / max(min(n - 1, len(moving)), 1) or 1.0
        spread = float(np.sqrt(scale / weights.sum()))
        return cls(X / spread, mean, spread, scale, float(moments.sum()) / float(weights.sum()) / scale, None)

    def original(self, weights: Matrix, intercepts: Vector) -> tuple[Matrix, Vector]:
        """Coefficients (d, C) and intercepts (C,) for the rows themselves."""
        coef = (weights if self.spectrum is None else self.spectrum.lift(weights)) / self.spread
        return coef, intercepts - self.mean @ coef
