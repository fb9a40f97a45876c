"""When to stop: after the round whose validation loss is lowest, each round's probabilities calibrated first.

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


def calibrated_loss(logits: Matrix, labels: Labels) -> float:
    """Mean cross-entropy (nats) of rows (n, C) under the temperature that suits them best."""
    log_proba = np.asarray(log_softmax(logits.astype(np.float64), axis=1))
    temperature = fit_temperature(log_proba, labels, smoothing=1 / (len(labels) + 1))
    calm = log_softmax(log_proba / temperature, axis=1)
    return float(-calm[np.arange(len(labels)), labels].mean())


def losses_by_round(curves: Sequence[Curve], labels: Sequence[Labels]) -> Vector:
    """The calibrated loss after each round of all curves' rows together; a run that stopped early stays as it was."""
    rounds = max(curve.rounds for curve in curves)
    together = np.concatenate(labels)
    losses = []
    for number in range(rounds + 1):
        logits = np.concatenate([curve.logits[min(number, curve.rounds)] for curve in curves])
        losses.append(calibrated_loss(logits, together))
    return np.array(losses)


def best_round(curves: Sequence[Curve], labels: Sequence[Labels], *, least: int = 0) -> int:
    """The earliest round, from `least` on, of lowest loss; 0 where no step of training made it any lower."""
    return least + int(losses_by_round(curves, labels)[least:].argmin())


class Patience:
    """Says when a run has gone `rounds` rounds without a lower loss on its watched rows."""

    def __init__(self, labels: Labels, *, rounds: int) -> None:
        self.labels, self.rounds = labels, rounds

    def __call__(self, logits: Sequence[Matrix]) -> bool:
        losses = [calibrated_loss(each, self.labels) for each in logits]
        return len(losses) - 1 - int(np.argmin(losses)) >= self.rounds
