"""What a domain and a label can be told from the features alone, predicted for each row by models that never saw it.

Two families: a linear logistic regression, and one on squares and random waves beside the columns. A conditional test
is as good as these fits, so both are made and must agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, softmax

from headstart.arrays import Labels, Matrix, Vector
from headstart.heads.logistic import cross_entropy
from headstart.heads.penalised import Rows, minimise
from headstart.stats.covariance import standardised
from headstart.stats.kernels import median_bandwidth, random_features

Family: TypeAlias = Literal["linear", "waves"]
FAMILIES: tuple[Family, ...] = ("linear", "waves")
FOLDS = 5
PENALTIES = tuple(10.0**step for step in (-0.5, -1.0, -1.5, -2.0, -2.5, -3.0, -3.5))
WAVES = 64


@dataclass(frozen=True)
class Fitted:
    """Out-of-fold probabilities (n, C) and their log loss in nats."""

    proba: Matrix
    log_loss: float


def dealt_folds(units: NDArray[Any] | None, codes: Labels, *, folds: int = FOLDS, rng: np.random.Generator) -> Labels:
    """A fold per row; rows of one unit share theirs, codes are dealt out evenly among units."""
    units = np.arange(len(codes)) if units is None else np.unique(units, return_inverse=True)[1]
    _, first = np.unique(units, return_index=True)
    fold_of = np.empty(len(first), dtype=np.int64)
    order = rng.permutation(len(first))
    fold_of[order[np.argsort(codes[first[order]], kind="stable")]] = np.arange(len(first)) % folds
    return np.asarray(fold_of[units])


def expanded(Z: Matrix, family: Family, *, rng: np.random.Generator) -> NDArray[np.float32]:
    """The columns a family works with, from standardised columns Z (n, p)."""
    Z = np.asarray(Z, dtype=np.float32)
    if family == "linear":
        return Z
    waves = random_features(Z, median_bandwidth(Z, rng=rng), count=WAVES, rng=rng)
    waves = (waves - waves.mean(axis=0)) * np.float32(np.sqrt(WAVES))
    return np.concatenate([Z, standardised(Z**2), waves], axis=1)


def out_of_fold(
    Z: Matrix,
    codes: Labels,
    fold_of: Labels,
    *,
    n_classes: int = 2,
    penalties: Sequence[float] = PENALTIES,
    ease: float = 1.0,
) -> Fitted:
    """Logistic regression of codes on Z, its penalty the one of least held-out log loss (from the strongest on, until
    weaker ones no longer help).

    ease  multiplies the chosen penalty for the probabilities that are returned; the log loss stays that of the choice

    Two classes need one column of scores: half the softmax's penalty on their difference is the same fit.
    """
    rows = Rows(Z, codes, np.full(len(codes), 1 / len(codes)))
    starts: dict[int, Matrix] = {}
    two = n_classes == 2
    loss_of, width = (binary_cross_entropy, 1) if two else (cross_entropy, n_classes)
    tried: dict[float, Matrix] = {}

    def scored(penalty: float) -> Matrix:
        scores = np.zeros((len(codes), width))
        for fold in range(fold_of.max() + 1):
            held, start = fold_of == fold, starts.get(fold)
            weights = minimise(
                rows.take(~held), width, loss_of, penalty / 2 if two else penalty, start=start, tolerance=1e-6
            )
            starts[fold] = weights
            scores[held] = np.asarray(Z[held] @ weights[:-1]) + weights[-1]
        return scores

    chosen, least = penalties[0], np.inf
    for penalty in penalties:
        tried[penalty] = scored(penalty)
        loss = float(loss_of(tried[penalty], codes)[0].mean())
        if loss > least:
            break
        chosen, least = penalty, loss
    scores = tried[chosen] if ease == 1 else scored(ease * chosen)
    return Fitted(expit(np.hstack([-scores, scores])) if two else softmax(scores, axis=1), least)


def binary_cross_entropy(scores: Matrix, codes: Labels) -> tuple[Vector, Matrix]:
    """-log of the true class's probability (n,), from scores (n, 1) of class 1 over class 0; its derivative (n, 1)."""
    score, truth = scores[:, 0], codes.astype(scores.dtype)
    slope = expit(score)
    return np.logaddexp(0, score, dtype=scores.dtype) - truth * score, (slope - truth)[:, None]
