"""Multinomial logistic regression (Cox, 1958; Theil, 1969) with a ridge penalty chosen on inner folds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from scipy.special import log_softmax

from headstart.arrays import Labels, Matrix, Vector
from headstart.heads.linear_head import LinearHead
from headstart.heads.statistics import ClassWeight

STEPS = tuple(float(step) for step in 10.0 ** np.array([1, 0, -0.5, -1, -1.5, -2, -2.5, -3, -3.5, -4]))


def cross_entropy(scores: Matrix, codes: Labels) -> tuple[Vector, Matrix]:
    """-log softmax(scores) of the true class (n,), and its derivative softmax - one-hot (n, C)."""
    log_proba = log_softmax(scores, axis=1)
    rows = np.arange(len(codes))
    slopes = np.exp(log_proba)
    slopes[rows, codes] -= 1
    return -log_proba[rows, codes], slopes


class Logistic(LinearHead):
    """Softmax regression: cross-entropy + |W|²/(2C), intercepts free, one weight vector per class.

    C             inverse penalty as in scikit-learn (for two classes, half of what it is there); None
                  takes the strongest penalty from which on the held-out log loss gains less than one part in a hundred
    normalise     bring rows to length one first
    steps         penalties to try, from strong to weak, in multiples of the mean eigenvalue of the scatter
    folds         inner folds, each class dealt out evenly; only the first few are scored once these hold 500 rows
    class_weight  "balanced" gives every class the same total weight in the loss
    seed          of the dealing
    tolerance     relative gain of the objective below which the final fit stops
    forgone       share of the held-out accuracy, beyond naming the commonest class, that is given up for the strongest
                  penalty that costs no more: what fits its own domain closest is not what travels best
    rows          penalties go on beyond the strongest of `steps` up to the squared length of so many rows, for half of
                  what is forgone: among many columns the mean eigenvalue is small beside what one row weighs
    """

    name: ClassVar[str] = "logistic"
    cost: ClassVar[int] = 4
    loss = staticmethod(cross_entropy)

    def __init__(
        self,
        *,
        C: float | None = None,
        normalise: bool = False,
        steps: Sequence[float] = STEPS,
        folds: int = 3,
        class_weight: ClassWeight = None,
        seed: int = 0,
        tolerance: float = 1e-5,
        forgone: float = 0.0,
        rows: float = 0.0,
    ) -> None:
        self.C = C
        self.normalise = normalise
        self.steps = steps
        self.folds = folds
        self.class_weight = class_weight
        self.seed = seed
        self.tolerance = tolerance
        self.forgone = forgone
        self.rows = rows
