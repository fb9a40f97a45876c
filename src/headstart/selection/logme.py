"""LogME: the largest marginal likelihood of the labels under a linear model, exactly (You et al., ICML 2021).

The published code loses the term of the null space where there are fewer rows than columns, and ranks by width there.
Here features and targets are centred (the intercept has a flat prior: n - 1 contrasts of the rows are Gaussian),

    y ~ N(0, (I + F F' / t) s²),
    log p(t, s²) = -½ [(n - 1) log 2π s² + Σ_j log(1 + w_j / t) + Σ_j y_j² / (1 + w_j / t) / s²],

with w_j the eigenvalues of F F' (0 in its null space) and y_j the targets along its eigenvectors. s² has a closed form
given t, and t is searched on a grid that is refined around its best point: no fixed point that may be a local one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from headstart.arrays import Matrix, Vector
from headstart.selection.labelled import LabelledFeatures
from headstart.selection.metric import Measurement, Metric

COARSE = np.logspace(-8, 8, 65)
ROUNDS, FINE = 4, 9


@dataclass(frozen=True)
class LogME(Metric):
    """Log evidence per contrast, in nats, averaged over the class indicators."""

    name: ClassVar[str] = "logme"
    from_spectrum: ClassVar[bool] = True

    def _measure(self, features: LabelledFeatures) -> Measurement:
        spectrum, counts, n = features.spectrum, features.counts, features.n
        evidence = log_evidence(
            spectrum.values[spectrum.positive],
            features.problem.projected[spectrum.positive],
            counts - counts**2 / n,
            n - 1,
        )
        return Measurement(float(evidence.mean()))


def log_evidence(values: Vector, projected: Matrix, squares: Vector, contrasts: float) -> Vector:
    """The largest log marginal likelihood per contrast of each target (k,).

    values     (r,) positive eigenvalues w of the centred features' scatter
    projected  (r, k) centred targets along the eigenvectors
    squares    (k,) squared lengths of the centred targets
    contrasts  n - 1
    """
    null = -0.5 * (np.log(2 * np.pi * squares / contrasts) + 1)  # features that say nothing: t without bound
    if not len(values):
        return np.asarray(null)
    scale = float(values.mean())
    beyond = np.maximum(squares - (projected**2).sum(axis=0), 0.0)  # along the null space
    beyond[beyond < 1e-9 * squares] = 0.0

    def at(ratios: Matrix) -> Matrix:
        """(g, k) log evidence at t = ratio * scale."""
        penalty = (ratios * scale)[None]
        shrunk = penalty / (values[:, None, None] + penalty)  # (r, g, k)
        variance = ((projected**2)[:, None, :] * shrunk).sum(axis=0) + beyond
        variance = np.maximum(variance / contrasts, 1e-300)
        return -0.5 * (contrasts * (np.log(2 * np.pi * variance) + 1) - np.log(shrunk).sum(axis=0)) / contrasts

    targets = np.arange(projected.shape[1])
    found = _shared_grid(values, projected, beyond, contrasts, COARSE * scale)
    best = found.argmax(axis=0)
    at_best, width = COARSE[best], COARSE[1] / COARSE[0]
    highest = found[best, targets]
    for _ in range(ROUNDS):
        ratios = at_best * np.power(width, np.linspace(-1, 1, FINE))[:, None]
        found = at(ratios)
        best = found.argmax(axis=0)
        at_best, highest = ratios[best, targets], np.maximum(highest, found[best, targets])
        width = width ** (2 / (FINE - 1))
    return np.maximum(highest, null)


def _shared_grid(values: Vector, projected: Matrix, beyond: Vector, contrasts: float, penalties: Vector) -> Matrix:
    """The same for penalties that all targets share, as one matrix product; (g, k)."""
    shrunk = penalties[:, None] / (values[None, :] + penalties[:, None])  # (g, r)
    variance = np.maximum((shrunk @ projected**2 + beyond) / contrasts, 1e-300)
    return -0.5 * (np.log(2 * np.pi * variance) + 1) + 0.5 * np.log(shrunk).sum(axis=1)[:, None] / contrasts
