"""Linear SVM on unit-length features, as for off-the-shelf features (Razavian et al., CVPR workshops 2014)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from headstart.arrays import Labels, Matrix, Vector
from headstart.heads.linear_head import LinearHead
from headstart.heads.statistics import ClassWeight

STEPS = tuple(float(step) for step in 10.0 ** np.arange(2, -4, -1))


def squared_hinge(scores: Matrix, codes: Labels) -> tuple[Vector, Matrix]:
    """Sum over classes of max(0, 1 - ±score)², one against the rest (n,), and its derivative (n, C)."""
    sides = np.full(scores.shape, -1, dtype=scores.dtype)
    sides[np.arange(len(codes)), codes] = 1
    short = np.maximum(1 - sides * scores, 0)
    return np.einsum("nc,nc->n", short, short), -2 * sides * short


class LinearSVM(LinearHead):
    """One class against the rest under the squared hinge: sum of losses + |W|²/(2C), intercepts free.

    The problem is liblinear's L2-loss one, solved in the primal for all classes at once, with an intercept that is not
    penalised, and for index arrays of any width. Probabilities are the softmax of the margins at a temperature fitted
    on the inner folds.

    C             inverse penalty as in scikit-learn; None chooses by the held-out squared hinge
    normalise     bring rows to length one first
    steps, folds, class_weight, seed, tolerance   as for `Logistic`
    """

    name: ClassVar[str] = "svm"
    cost: ClassVar[int] = 5
    loss = staticmethod(squared_hinge)

    def __init__(
        self,
        *,
        C: float | None = None,
        normalise: bool = True,
        steps: Sequence[float] = STEPS,
        folds: int = 3,
        class_weight: ClassWeight = None,
        seed: int = 0,
        tolerance: float = 1e-5,
    ) -> None:
        self.C = C
        self.normalise = normalise
        self.steps = steps
        self.folds = folds
        self.class_weight = class_weight
        self.seed = seed
        self.tolerance = tolerance
