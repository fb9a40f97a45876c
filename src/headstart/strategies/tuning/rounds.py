"""When to stop: after the round whose validation loss is lowest, each round's probabilities calibrated first. And
whether to train at all: only where that round is ahead of the start by more than a standard error. And how far to trust
a run that ends early.

Fine-tuning makes a network certain long before it makes it wrong, so the plain loss of held-out rows rises while their
accuracy still grows; one temperature per round (Guo et al., ICML 2017) takes that out.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import log_softmax

from headstart.arrays import Labels, Matrix, Vector
from headstart.stats.calibration import fit_temperature
from headstart.strategies.tuning.looks import Curve
from headstart.strategies.tuning.recipe import TuningRecipe

AHEAD = 1.0  # standard errors that training must gain, of the paired losses of the rows left out


def calibrated_losses(logits: Matrix, labels: Labels) -> Vector:
    """Cross-entropy (nats) of each row (n, C) under the temperature that suits them all best; (n,)."""
    log_proba = np.asarray(log_softmax(logits.astype(np.float64), axis=1))
    temperature = fit_temperature(log_proba, labels, smoothing=1 / (len(labels) + 1))
    calm = log_softmax(log_proba / temperature, axis=1)
    return np.asarray(-calm[np.arange(len(labels)), labels])


def calibrated_loss(logits: Matrix, labels: Labels) -> float:
    """Their mean."""
    return float(calibrated_losses(logits, labels).mean())


def losses_by_round(curves: Sequence[Curve], labels: Sequence[Labels]) -> Vector:
    """The calibrated loss after each round of all curves' rows together; a run that stopped early stays as it was."""
    together = np.concatenate(labels)
    rounds = max(curve.rounds for curve in curves)
    return np.array([calibrated_loss(logits_after(number, curves), together) for number in range(rounds + 1)])


def logits_after(number: int, curves: Sequence[Curve]) -> Matrix:
    """What the rows of all curves got after a round; (n, C)."""
    return np.concatenate([curve.logits[min(number, curve.rounds)] for curve in curves])


def best_round(curves: Sequence[Curve], labels: Sequence[Labels], *, least: int = 0) -> int:
    """The earliest round, from `least` on, of lowest loss; 0 where none is lower than the start's beyond chance.

    Rows tell rounds apart better than they tell training from not training: of two rounds either will do, but a network
    that is trained for nothing on few rows has lost what it knew.
    """
    best = least + int(losses_by_round(curves, labels)[least:].argmin())
    if least or not best:
        return best
    together = np.concatenate(labels)
    start, end = (calibrated_losses(logits_after(number, curves), together) for number in (0, best))
    gain = start - end
    return best if gain.mean() > AHEAD * gain.std() / np.sqrt(len(gain)) else 0


def way_of(recipe: TuningRecipe, n: int, *, rounds: int) -> float:
    """The share of the way from the start to its last weights that a run on `n` rows goes which ends after `rounds`.

    In the middle of a schedule the rate is high, and one step is better or worse than the next by luck: the round was
    best on the folds by theirs, which the run on all rows does not share. So it is trusted half of the way (WiSE-FT,
    Wortsman et al., CVPR 2022) where it ends at once, all of it where it ends with the schedule.
    """
    return 0.5 + 0.5 * recipe.steps_until(n, rounds) / recipe.steps(n)


class Patience:
    """Says when a run has gone `rounds` rounds without a lower loss on its watched rows."""

    def __init__(self, labels: Labels, *, rounds: int) -> None:
        self.labels, self.rounds = labels, rounds

    def __call__(self, logits: Sequence[Matrix]) -> bool:
        losses = [calibrated_loss(each, self.labels) for each in logits]
        return len(losses) - 1 - int(np.argmin(losses)) >= self.rounds
