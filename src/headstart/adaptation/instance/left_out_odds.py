"""How much more likely a row of one sample is in another, from a single logistic regression: Newton's steps, a penalty
by the evidence (MacKay, Neural Computation 1992), and each row left out in closed form (Rad & Maleki, JRSS B 2020)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import linalg
from scipy.linalg import blas, lapack
from scipy.special import expit

from headstart.arrays import Matrix, Vector
from headstart.stats.covariance import principal

THIN = 8  # the first steps look at every eighth row
ENOUGH = 5  # rows a column for that
SETTLED = 0.15  # root mean squared change of the logits, and change of log penalty, that end the steps
SHORT = 0.6  # such a change leaves curvatures much as they were, but for a factor
MOST_STEPS = 30
MOST_WITH_ONE = 6
MOST_HALVES = 12
BLOCK = 1024
STRONGEST, WEAKEST = 1e3, 1e-5  # penalties per row, in multiples of the mean variance of a column


@dataclass(frozen=True, eq=False)
class Discriminator:
    """Tells the second of two samples from the first by `logits`, the log-odds of belonging to it.

    design (n + m, r + 1): rows of both, in single precision. weights (r + 1,): of its columns. root (r + 1, r + 1):
    triangular, root' root is the inverse curvature there. penalty: on the squared weights, on the sum of all rows'
    losses.
    """

    design: Matrix
    counts: tuple[int, int]
    weights: Vector
    root: Matrix
    penalty: float

    def logits(self, *, second: bool = False) -> Vector:
        """Of the rows of either sample (n,) or (m,)."""
        return np.asarray(self._rows(second) @ self.weights.astype(np.float32))

    def left_out(self, *, second: bool = False) -> Vector:
        """The same, each row by the fit without it."""
        logits = self.logits(second=second)
        proba = expit(logits)
        whitened = blas.strmm(1.0, self.root.astype(np.float32), self._rows(second).T, lower=True)
        leverage = np.einsum("rn,rn->n", whitened, whitened)
        room = np.maximum(1 - proba * (1 - proba) * leverage, 1e-2)
        return np.asarray(logits + leverage * (proba - second) / room, dtype=np.float64)

    def log_ratio(self, *, second: bool = False) -> Vector:
        """How much more likely such a row is in the second sample than in the first: `left_out`, less the log-odds of
        the rows that remain."""
        n, m = self.counts
        return self.left_out(second=second) - np.log(max(m - second, 1) / max(n - (not second), 1))

    def _rows(self, second: bool) -> Matrix:
        return self.design[self.counts[0] :] if second else self.design[: self.counts[0]]


def discriminator(first: Matrix, second: Matrix) -> Discriminator:
    """Of rows (n, d) against rows (m, d), in single precision; O((n + m) r²) for r = min(n + m, d) columns."""
    counts = len(first), len(second)
    Z, side = _design(first, second), np.repeat(np.array([0, 1], dtype=np.float32), counts)
    unit = float(np.einsum("ij,ij->", Z[:, :-1], Z[:, :-1])) / len(Z) / max(Z.shape[1] - 1, 1) or 1.0
    weights = np.append(np.zeros(Z.shape[1] - 1), np.log(counts[1] / counts[0]))
    penalty = unit * len(Z) / (4 * THIN)
    if len(Z) > THIN * ENOUGH * Z.shape[1]:
        weights, penalty, _ = _walked(np.ascontiguousarray(Z[::THIN]), side[::THIN], weights, penalty, unit=unit)
    weights, penalty, root = _walked(Z, side, weights, penalty, unit=unit)
    return Discriminator(Z, counts, weights, root, penalty)


def _walked(Z: Matrix, side: Vector, weights: Vector, penalty: float, *, unit: float) -> tuple[Vector, float, Matrix]:
    """Weights (r + 1,), the intercept last, the penalty on their squares, and the root of the inverse curvature.

    Newton's steps, several with one curvature, for each takes a hundredth of what that does. It is summed anew where
    logits have moved by more than what is `SHORT`, and until then follows the mean of its weights. The penalty is set
    in between to the degrees of freedom per squared length of the weights, where the evidence is stationary.
    """
    at = _Point.of(Z, side, weights)
    seen, average = at.logits, 0.0
    summed: Matrix = np.zeros((0, 0))
    root: Matrix = summed
    for _ in range(MOST_STEPS):
        curvatures, penalties = at.curvatures, np.append(np.full(len(weights) - 1, penalty), 0.0)
        if not summed.size or _moved(seen, at.logits) > SHORT:
            seen, average, summed = at.logits, float(curvatures.mean()), _curvature(Z, curvatures)
        root = _inverse_root(summed * (float(curvatures.mean()) / average), penalties + 1e-6 * len(Z))
        before, at = at, _stepped(Z, side, at, root, penalties)
        free = len(weights) - 1 - penalty * float(np.einsum("ij,ij->", root[:, :-1], root[:, :-1]))
        wanted = free / max(float(at.weights[:-1] @ at.weights[:-1]), 1e-300)
        wanted = float(np.clip(wanted, WEAKEST * unit * len(Z), STRONGEST * unit * len(Z)))
        if _moved(before.logits, at.logits) < SETTLED and abs(np.log(wanted / penalty)) < SETTLED:
            break
        penalty = wanted
    return at.weights, penalty, root


@dataclass(frozen=True, eq=False)
class _Point:
    """Weights (r + 1,), the logits (n,) that they give, and -Σ log p of the side that each row is of."""

    weights: Vector
    logits: Vector
    loss: float

    @classmethod
    def of(cls, Z: Matrix, side: Vector, weights: Vector) -> _Point:
        logits = Z @ weights.astype(np.float32)
        softplus = np.maximum(logits, 0) + np.log(1 + np.exp(-np.abs(logits)))  # a tenth of what logaddexp takes
        return cls(weights, logits, float(softplus.sum(dtype=np.float64) - logits @ side))

    @property
    def curvatures(self) -> Vector:
        proba = expit(self.logits)
        return np.asarray(proba * (1 - proba))

    def penalised(self, penalties: Vector) -> float:
        return self.loss + float(penalties @ self.weights**2) / 2


def _stepped(Z: Matrix, side: Vector, at: _Point, root: Matrix, penalties: Vector) -> _Point:
    """Steps with one curvature until they are short or no longer shrink, each halved until the penalised loss does not
    grow: between samples that hardly overlap whole steps run away."""
    last = np.inf
    for _ in range(MOST_WITH_ONE):
        step = root.T @ (root @ (Z.T @ (expit(at.logits) - side) + penalties * at.weights))
        most = at.penalised(penalties) + 1e-4
        for _ in range(MOST_HALVES):
            ahead = _Point.of(Z, side, at.weights - step)
            if ahead.penalised(penalties) <= most:
                break
            step = step / 2
        moved, at = _moved(at.logits, ahead.logits), ahead
        if not 2 * SETTLED <= moved < 0.8 * last:
            break
        last = moved
    return at


def _moved(before: Vector, after: Vector) -> float:
    """The root mean squared change."""
    return float(np.linalg.norm(after - before)) / np.sqrt(len(after))


def _curvature(Z: Matrix, curvatures: Vector) -> Matrix:
    """Z' diag(curvatures) Z, (r + 1, r + 1), summed in blocks that stay in the cache."""
    roots, total = np.sqrt(curvatures)[:, None], np.zeros((Z.shape[1], Z.shape[1]))
    for start in range(0, len(Z), BLOCK):
        block = Z[start : start + BLOCK] * roots[start : start + BLOCK]
        total += block.T @ block
    return total


def _inverse_root(summed: Matrix, penalties: Vector) -> Matrix:
    """Lower triangular R with R' R = (summed + diag(penalties))^-1."""
    factor = linalg.cholesky(summed + np.diag(penalties), lower=True, overwrite_a=True, check_finite=False)
    return np.asarray(lapack.dtrtri(factor, lower=1, overwrite_c=1)[0])


def _design(first: Matrix, second: Matrix) -> Matrix:
    """All rows about their mean, in no more columns than they span, and a column of ones (n + m, r + 1)."""
    n, d = len(first), first.shape[1]
    mean = (first.sum(axis=0) + second.sum(axis=0)) / (n + len(second))
    Z = np.ones((n + len(second), d + 1), dtype=np.float32)
    np.subtract(first, mean, out=Z[:n, :-1])
    np.subtract(second, mean, out=Z[n:, :-1])
    if d < len(Z):
        return Z
    directions = principal(Z[:, :-1].astype(np.float64), most=len(Z) - 1)[1]
    return np.hstack([Z[:, :-1] @ directions.astype(np.float32), Z[:, -1:]])
