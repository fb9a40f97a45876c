"""Black-box shift estimation: invert the confusion matrix (Lipton, Wang & Smola, ICML 2018)."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from headstart.adaptation.label_shift.prior_adapter import PriorAdapter
from headstart.arrays import Labels, Matrix, Vector
from headstart.stats.label_shift import bbse_shares


def joint_confusion(proba: Matrix, y: Labels) -> Matrix:
    """C[i, j] = mean over source rows of p(i|x) [y = j]; (C, C). Soft: less noisy than counting the most probable."""
    return np.asarray(proba.T @ np.eye(proba.shape[1])[y] / len(y))


class ConfusionPrior(PriorAdapter):
    """Closed form, and right even where probabilities are not calibrated; noisier than EM where they are."""

    name: ClassVar[str] = "bbse"

    def __init__(self, *, folds: int = 5, seed: int = 0, head: Any = None) -> None:
        self.folds = folds
        self.seed = seed
        self.head = head

    def _shares(self, source: Matrix, y: Labels, target: Matrix) -> Vector:
        return bbse_shares(joint_confusion(source, y), target.mean(axis=0)).shares
