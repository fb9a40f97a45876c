"""Probabilities that mean what they say: one temperature, fitted on rows left out (Guo et al., ICML 2017)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import toms748
from scipy.special import log_softmax, softmax

from headstart.arrays import Matrix, Vector, same_length
from headstart.errors import DataError

COLDEST, HOTTEST = 1e-3, 1e3
FLOOR = 1e-12


def as_log(proba: Matrix) -> Matrix:
    """Logarithms of probabilities (floored at 1e-12); whatever has negative entries is taken as scores already."""
    proba = np.asarray(proba, dtype=np.float64)
    if proba.size and proba.min() < 0:
        return proba
    return np.log(proba.clip(min=FLOOR))


def fit_temperature(proba: Matrix, y: ArrayLike, *, smoothing: float = 0.0) -> float:
    """The T in [0.001, 1000] that minimises the log loss of softmax(log proba / T).

    proba (n, C) are probabilities, or log-probabilities or scores (any negative entry says so); y (n,) holds codes.
    `smoothing` moves that share of each label to all classes evenly: with few rows, all of them right, nothing else
    keeps T above zero. The loss is convex in 1/T and the answer is never worse on it than T = 1.
    Raises `DataError` when rows do not match or there are none.
    """
    scores, y = as_log(proba), np.asarray(y)
    same_length(scores, y, names=("proba", "y"))
    if not len(y):
        raise DataError("a temperature needs at least one row with a known label")
    scores = scores - scores.max(axis=1, keepdims=True)
    target = (1 - smoothing) * scores[np.arange(len(y)), y] + smoothing * scores.mean(axis=1)

    def slope(log_inverse: float) -> float:
        strength = np.exp(np.exp(log_inverse) * scores)  # the largest score of a row is 0
        return float((np.einsum("nc,nc->n", strength, scores) / strength.sum(axis=1) - target).mean())

    low, high = -np.log(HOTTEST), -np.log(COLDEST)
    if slope(low) >= 0:
        return HOTTEST if slope(low) > 0 else 1.0  # a flat loss (equal scores everywhere) has no better T than 1
    if slope(high) <= 0:
        return COLDEST
    return float(np.exp(-toms748(slope, low, high, xtol=1e-13, rtol=1e-13)))


def succession(n: int, n_classes: int) -> float:
    """Label smoothing by Laplace's rule of succession: n rows that all happen to be right make nothing certain.

    >>> succession(8, 2)
    0.2
    """
    return n_classes / (n_classes - 1) / (n + 2)


def apply_temperature(proba: Matrix, temperature: float) -> Matrix:
    """softmax(log proba / T): flatter for T > 1, sharper for T < 1, the order of classes unchanged; (n, C)."""
    if not temperature > 0:
        raise DataError(f"a temperature must be positive, got {temperature}")
    return np.asarray(softmax(as_log(proba) / temperature, axis=1))


def tempered_log_loss(proba: Matrix, y: ArrayLike, temperature: float) -> float:
    """Mean -log p(true class) in nats of softmax(log proba / T)."""
    rows = np.arange(len(np.asarray(y)))
    return float(-log_softmax(as_log(proba) / temperature, axis=1)[rows, np.asarray(y)].mean())


@dataclass(frozen=True, eq=False)
class AbstainCurve:
    """Answering only from each `threshold` of confidence upwards: the share answered, and how much of that is right."""

    threshold: Vector
    answered: Vector
    accuracy: Vector


def abstain_curve(proba: Matrix, y: ArrayLike, *, points: int = 50) -> AbstainCurve:
    """What abstaining costs and brings, at up to `points` thresholds taken from the confidences themselves.

    proba (n, C), y (n,) codes; thresholds rise, the share answered falls from 1.
    """
    confidence, right = _ranked(proba, y)
    last_of_tie = np.flatnonzero(np.append(np.diff(confidence) < 0, True))
    chosen = last_of_tie[np.unique(np.linspace(0, len(last_of_tie) - 1, points).round().astype(int))][::-1]
    answered = chosen + 1
    return AbstainCurve(confidence[chosen], answered / len(right), np.cumsum(right)[chosen] / answered)


def threshold_for(proba: Matrix, y: ArrayLike, *, accuracy: float) -> float | None:
    """The lowest confidence from which on at least `accuracy` of the answers are right; None where none reaches it.

    >>> threshold_for(np.array([[0.9, 0.1], [0.6, 0.4]]), [0, 1], accuracy=0.99)
    0.9
    """
    if not 0 < accuracy <= 1:
        raise DataError(f"accuracy must lie in (0, 1], got {accuracy}")
    confidence, right = _ranked(proba, y)
    last_of_tie = np.append(np.diff(confidence) < 0, True)
    enough = np.flatnonzero(last_of_tie & (np.cumsum(right) >= accuracy * np.arange(1, len(right) + 1) - 1e-12))
    return float(confidence[enough[-1]]) if len(enough) else None


def _ranked(proba: Matrix, y: ArrayLike) -> tuple[Vector, Matrix]:
    proba, y = np.asarray(proba), np.asarray(y)
    same_length(proba, y, names=("proba", "y"))
    if not len(y):
        raise DataError("no rows to judge abstaining on")
    confidence = proba.max(axis=1)
    order = np.argsort(-confidence, kind="stable")
    return confidence[order], (proba.argmax(axis=1) == y)[order]
