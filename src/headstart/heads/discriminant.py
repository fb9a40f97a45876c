"""Discriminant analysis through the ridge regression it equals, with exact leave-one-out.

With within-class scatter W + ridge it is ridge regression on the class indicators, seen through a C x C matrix
(Hastie, Buja & Tibshirani, Annals of Statistics 1995). With F = Y'(I - H)Y + ν ν'/n, where H is the ridge regression's
hat matrix, Y the indicators, ν the class weights, n their sum, f(x) its centred scores and m_c the centred class means,

    (x - mean)' (W + ridge)^-1 m_c = (f(x) F^-1)_c       and       m_c' (W + ridge)^-1 m_c = (F^-1)_cc - 1/ν_c.

Leaving a row out changes f as in ridge regression, and F by a matrix of rank three.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from headstart.arrays import Labels, Mask, Matrix, Vector
from headstart.heads.ridge_path import RidgeProblem

BLOCK = 2_000_000  # row-class pairs worked on at a time


@dataclass(frozen=True, eq=False)
class Discriminant:
    """The regression problem beside what turns it into log posteriors.

    codes    (m,) the classes of the kept rows
    counts   (C,) the weight ν of each class, none 0
    factors  (C,) what multiplies each class's prior; None makes all priors even
    """

    problem: RidgeProblem
    codes: Labels
    counts: Vector
    factors: Vector | None = None

    @property
    def total(self) -> float:
        return float(self.counts.sum())

    @property
    def within_trace(self) -> float:
        """Trace of the within-class scatter; of all scatter where classes are points; 1 where rows are equal."""
        values = self.problem.spectrum.values
        between = float((values[:, None] * self.problem.projected**2 / self.counts).sum())
        whole = float(values.sum())
        within = whole - between
        return within if within > 1e-9 * whole else whole or 1.0

    def ridge(self, shrinkage: float) -> float:
        """The penalty that stands for (1 - shrinkage) S + shrinkage tr(S)/d I."""
        return shrinkage / (1 - shrinkage) * self.within_trace / len(self.problem.spectrum.mean)

    def inverse(self, ridge: float) -> Matrix:
        """F^-1 (C, C)."""
        spectrum, projected = self.problem.spectrum, self.problem.projected
        kept = (spectrum.values / (spectrum.values + ridge))[:, None]
        if spectrum.complete:
            F = projected.T @ ((1 - kept) * projected) + np.outer(self.counts, self.counts) / self.total
        else:
            F = np.diag(self.counts) - projected.T @ (kept * projected)
        return np.linalg.inv(F)

    def solution(self, ridge: float, *, shrinkage: float) -> tuple[Matrix, Vector]:
        """Coefficients (d, C), intercepts (C,) of log posteriors under the covariance (1 - shrinkage)/n (W + ridge)."""
        inverse, factor = self.inverse(ridge), self.total / (1 - shrinkage)
        coefficients = factor * (self.problem.spectrum.coefficients(self.problem.projected, ridge) @ inverse)
        lengths = factor * (np.diag(inverse) - 1 / self.counts)
        return coefficients, self._log_priors(self.counts) - lengths / 2 - self.problem.spectrum.mean @ coefficients

    @property
    def judged(self) -> Mask:
        """Rows whose class has another row (m,): only they can be left out and still be right."""
        weights = self.problem.spectrum.root_weights**2
        return self.counts[self.codes] - weights > 1e-9 * weights

    def loo(self, ridge: float, *, shrinkage: float) -> Matrix:
        """Log posteriors (m, C), up to a constant per row, of each kept row by the fit without it (the penalty stays);
        rows that are not `judged` hold no meaning."""
        remaining = self.problem.spectrum.remaining(np.array([ridge]))[:, 0]
        predicted, inverse = self.problem.loo(ridge), self.inverse(ridge)
        scores = np.zeros_like(predicted)
        judged = np.flatnonzero(self.judged)
        step = max(1, BLOCK // len(self.counts))
        for start in range(0, len(judged), step):
            rows = judged[start : start + step]
            scores[rows] = self._loo_block(rows, predicted[rows], remaining[rows], inverse, shrinkage)
        return scores

    def _loo_block(
        self, rows: Labels, predicted: Matrix, remaining: Vector, inverse: Matrix, shrinkage: float
    ) -> Matrix:
        weights, codes, total = self.problem.spectrum.root_weights[rows] ** 2, self.codes[rows], self.total
        own = np.eye(len(self.counts))[codes]
        counts = self.counts - weights[:, None] * own
        left_total = total - weights
        centred = predicted - counts / left_total[:, None]
        # F changes by U K U': U = [residual, y, y - π], and F^-1 π = 1/n saves a product
        residual = own - predicted
        through = np.stack([residual @ inverse, inverse[codes], inverse[codes] - 1 / total], axis=2)
        changes = -1 / np.stack([remaining * weights, weights, -weights * total / left_total], axis=1)
        core = np.stack([residual, own, own - self.counts / total], axis=1) @ through
        core[:, [0, 1, 2], [0, 1, 2]] += changes
        solved = np.linalg.solve(core, through.transpose(0, 2, 1))
        linear = centred @ inverse - ((centred[:, None] @ through) @ solved)[:, 0]
        lengths = np.diag(inverse) - np.einsum("ncu,nuc->nc", through, solved) - 1 / counts
        return (left_total / (1 - shrinkage))[:, None] * (linear - lengths / 2) + self._log_priors(counts)

    def _log_priors(self, counts: Vector | Matrix) -> Vector | Matrix:
        priors = np.ones_like(counts) if self.factors is None else counts * self.factors
        return np.log(priors / priors.sum(axis=-1, keepdims=True))
