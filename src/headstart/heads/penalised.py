"""Linear scores under a smooth loss and a squared penalty: L-BFGS (Liu & Nocedal, 1989), warm-started along a path."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from scipy.optimize import minimize

from headstart.arrays import Labels, Mask, Matrix, Vector

# loss(scores (n, C), codes (n,)) -> loss of each row (n,), and its derivative by the scores (n, C)
Loss: TypeAlias = Callable[[Matrix, Labels], tuple[Vector, Matrix]]
Place: TypeAlias = tuple[int, Matrix, Matrix]  # of a path: which penalty, the held-out scores there, the weights
PATIENCE = 2
WORTH = 0.01
ENOUGH = 500


@dataclass(frozen=True, eq=False)
class Rows:
    """Z (n, r) dense or CSR, class codes (n,) and weights (n,) that sum to one."""

    Z: Any
    codes: Labels
    weights: Vector

    def take(self, chosen: Any) -> Rows:
        weights = self.weights[chosen]
        return Rows(self.Z[chosen], self.codes[chosen], weights / weights.sum())


def minimise(
    rows: Rows, n_classes: int, loss: Loss, penalty: float, *, start: Matrix | None = None, tolerance: float = 1e-9
) -> Matrix:
    """The (r + 1, C) weights, intercepts last, of least mean loss + penalty/2 |weights|² (intercepts go free).

    Computes in the precision of Z; the first step that gains less than `tolerance` of the objective is the last.
    """
    Z, dtype = rows.Z, rows.Z.dtype
    shape = (Z.shape[1] + 1, n_classes)
    row_weights = rows.weights.astype(dtype)

    def objective(flat: Vector) -> tuple[float, Vector]:
        W = flat.reshape(shape).astype(dtype)
        values, slopes = loss(np.asarray(Z @ W[:-1]) + W[-1], rows.codes)
        slopes *= row_weights[:, None]
        gradient = np.empty(shape)
        gradient[:-1] = Z.T @ slopes + dtype.type(penalty) * W[:-1]
        gradient[-1] = slopes.sum(axis=0)
        return float(row_weights @ values + penalty / 2 * (W[:-1] ** 2).sum(dtype=np.float64)), gradient.ravel()

    start = np.zeros(shape) if start is None else start
    found = minimize(
        objective,
        start.ravel(),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": 1000, "maxfun": 2000, "ftol": tolerance, "gtol": 0.1 * tolerance**0.5, "maxcor": 20},
    )
    return found.x.reshape(shape)


@dataclass(frozen=True, eq=False)
class HeldOut:
    """What a path found on rows held out.

    losses  (L,) of the penalties tried
    best    the penalty that is taken
    scores  (n, C) of the rows held out, there
    start   (r + 1, C) weights to start from, there
    """

    losses: Vector
    best: int
    scores: Matrix
    start: Matrix


def held_out_path(
    rows: Rows, n_classes: int, loss: Loss, penalties: Sequence[float], fold_of: Labels, *,
    forgone: Sequence[float] = (),
) -> HeldOut:  # fmt: skip
    """Mean loss of held-out rows for each penalty, from the strongest on.

    fold_of (n,) numbers the fold that scores a row, -1 for rows that only train. The path ends once two steps have not
    brought the loss down by one part in a hundred: weaker penalties only cost more to solve. Taken is the strongest
    penalty from which on nothing gained so much; with `forgone`, one share for each penalty, the strongest whose
    accuracy on these rows, beyond that of naming the commonest class, is short of the best by no more than that.
    """
    folds = [(fold_of != fold, fold_of == fold) for fold in range(fold_of.max() + 1)]
    found: list[Matrix | None] = [None] * len(folds)
    scored, losses, lowest = fold_of >= 0, [], np.inf
    places: list[Place] = []
    for step, penalty in enumerate(penalties):
        scores = np.zeros((len(fold_of), n_classes))
        for number, (fit, score) in enumerate(folds):
            weights = minimise(rows.take(fit), n_classes, loss, penalty, start=found[number], tolerance=1e-4)
            scores[score] = np.asarray(rows.Z[score] @ weights[:-1]) + weights[-1]
            found[number] = weights
        values, _ = loss(scores[scored], rows.codes[scored])
        losses.append(float(np.average(values, weights=rows.weights[scored])))
        place = (step, scores, np.mean(np.array(found), axis=0))
        if losses[-1] < (1 - WORTH) * lowest:
            lowest, best = losses[-1], place
        if any(forgone):
            places.append(place)
        if step - best[0] == PATIENCE:
            break
    taken = _strongest(places, rows.codes, scored, rows.weights, forgone) if any(forgone) else best
    return HeldOut(np.array(losses), *taken)


def _strongest(
    places: Sequence[Place], codes: Labels, scored: Mask, weights: Vector, forgone: Sequence[float]
) -> Place:
    """The first place that knows enough: accuracy beyond the commonest class is what is known."""
    known = np.array(
        [np.average(scores[scored].argmax(axis=1) == codes[scored], weights=weights[scored]) for _, scores, _ in places]
    )
    commonest = np.bincount(codes[scored], weights=weights[scored]).max() / weights[scored].sum()
    least = known.max() - np.array(forgone[: len(places)]) * max(known.max() - commonest, 0.0)
    return places[int(np.flatnonzero(known >= least)[0])]


def inner_folds(codes: Labels, folds: int, rng: np.random.Generator) -> Labels:
    """A fold for each row (n,), each class dealt out evenly; -1 for rows that only train.

    Those are the only rows of their class, and whole folds once the others hold out 500 rows, which is enough to choose
    one number by.
    """
    fold_of = np.full(len(codes), -1, dtype=np.int64)
    dealt = 0
    for code in np.unique(codes):
        rows = rng.permutation(np.flatnonzero(codes == code))
        if len(rows) > 1:
            fold_of[rows] = (dealt + np.arange(len(rows))) % folds
            dealt += len(rows)
    return np.where(fold_of * (dealt / folds) < ENOUGH, fold_of, -1)
