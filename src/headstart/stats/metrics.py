"""What predictions are worth: accuracy per class, confusion, log loss, and how far probabilities can be believed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from headstart.arrays import Labels, Matrix, Vector, same_length
from headstart.errors import DataError


def confusion(truth: ArrayLike, predicted: ArrayLike, n_classes: int) -> NDArray[np.int64]:
    """How often class i (row) was called class j (column); shape (n_classes, n_classes).

    >>> confusion([0, 0, 1], [0, 1, 1], 2)
    array([[1, 1],
           [0, 1]])
    """
    truth, predicted = _codes(truth, n_classes, "truth"), _codes(predicted, n_classes, "predicted")
    same_length(truth, predicted, names=("truth", "predicted"))
    counts = np.bincount(truth * n_classes + predicted, minlength=n_classes * n_classes)
    return counts.reshape(n_classes, n_classes)


def balanced_accuracy(truth: ArrayLike, predicted: ArrayLike) -> float:
    """The mean over classes of the share of their rows that is right: every class counts the same, however rare."""
    truth, predicted = np.asarray(truth), np.asarray(predicted)
    same_length(truth, predicted, names=("truth", "predicted"))
    return float(np.mean([(predicted[truth == label] == label).mean() for label in np.unique(truth)]))


def log_loss(proba: Matrix, y: ArrayLike) -> float:
    """Mean of -log p(true class) in nats, probabilities (n, C) floored at 1e-15; y holds codes."""
    proba = np.asarray(proba)
    y = _codes(y, proba.shape[1], "y")
    same_length(proba, y, names=("proba", "y"))
    return float(-np.log(proba[np.arange(len(y)), y].clip(min=1e-15)).mean())


@dataclass(frozen=True, eq=False)
class ReliabilityBins:
    """Per bin of confidence: its mean confidence, its accuracy (both 0 in an empty bin) and its number of rows."""

    confidence: Vector
    accuracy: Vector
    count: NDArray[np.int64]


def reliability_bins(proba: Matrix, y: ArrayLike, *, bins: int = 10) -> ReliabilityBins:
    """Rows sorted into equal bins of confidence (the largest probability), for a reliability diagram.

    Raises `DataError` when labels and probabilities do not match.
    """
    proba = np.asarray(proba)
    y = _codes(y, proba.shape[1], "y")
    same_length(proba, y, names=("proba", "y"))
    confidence, right = proba.max(axis=1), proba.argmax(axis=1) == y
    place = np.clip((confidence * bins).astype(int), 0, bins - 1)
    count = np.bincount(place, minlength=bins)
    return ReliabilityBins(
        confidence=np.bincount(place, confidence, bins) / count.clip(min=1),
        accuracy=np.bincount(place, right, bins) / count.clip(min=1),
        count=count,
    )


def expected_calibration_error(proba: Matrix, y: ArrayLike, *, bins: int = 15) -> float:
    """Mean distance of confidence and accuracy over bins, weighted by rows (Naeini et al., AAAI 2015); 0..1."""
    found = reliability_bins(proba, y, bins=bins)
    return float((found.count * np.abs(found.confidence - found.accuracy)).sum() / found.count.sum())


def _codes(values: ArrayLike, n_classes: int, name: str) -> Labels:
    codes: Any = np.asarray(values)
    if codes.size and (codes.dtype.kind not in "iu" or codes.min() < 0 or codes.max() >= n_classes):
        raise DataError(f"{name} must hold class codes 0 to {n_classes - 1}, got values such as {codes.flat[0]!r}")
    return codes.astype(np.int64)
