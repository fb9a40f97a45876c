"""Regularised learning under label shift: BBSE that trusts few rows less (Azizzadenesheli et al., ICLR 2019)."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from scipy import linalg
from scipy.optimize import minimize_scalar

from headstart.adaptation.label_shift.bbse import joint_confusion
from headstart.adaptation.label_shift.prior_adapter import PriorAdapter
from headstart.arrays import Labels, Matrix, Vector
from headstart.errors import DataError


def regularised_change(confusion: Matrix, difference: Vector, penalty: float) -> Vector:
    """argmin over θ of |confusion θ - difference| + penalty |θ|, norms not squared; eq. 3.

    Each solution is a ridge solution for some ridge, or 0, so the search has one dimension.
    """
    left, values, right = linalg.svd(confusion)
    rotated = left.T @ difference

    def change(log_ridge: float) -> Vector:
        return np.asarray(right.T @ (values * rotated / (values**2 + np.exp(log_ridge))))

    def objective(log_ridge: float) -> float:
        theta = change(log_ridge)
        return float(np.linalg.norm(confusion @ theta - difference) + penalty * np.linalg.norm(theta))

    top = 2 * np.log(max(float(values[0]), 1e-150))
    grid = np.linspace(top - 30, top + 10, 81)
    best = int(np.argmin([objective(each) for each in grid]))
    low, high = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    found = float(minimize_scalar(objective, bounds=(low, high), method="bounded", options={"xatol": 1e-10}).x)
    nothing = float(np.linalg.norm(difference))
    return change(found) if objective(found) < nothing else np.zeros(len(difference))


def deviation(n: int, n_classes: int, *, failure: float = 0.05) -> float:
    """How far the confusion matrix of n rows may lie from the truth, with probability 1 - failure (theorem 1)."""
    share = np.log(2 * n_classes / failure) / n
    return float(3 * (2 * share / 3 + np.sqrt(2 * share)))


class RegularisedPrior(PriorAdapter):
    """w = 1 + θ, θ shrunk to 0 (no shift) as far as the number of source rows demands.

    regularisation  share of the worst-case deviation that is feared; the paper's experiments take .01
    """

    name: ClassVar[str] = "rlls"

    def __init__(self, *, regularisation: float = 0.01, folds: int = 5, seed: int = 0, head: Any = None) -> None:
        self.regularisation = regularisation
        self.folds = folds
        self.seed = seed
        self.head = head

    def _shares(self, source: Matrix, y: Labels, target: Matrix) -> Vector:
        if self.regularisation < 0:
            raise DataError(f"regularisation must not be negative, got {self.regularisation}")
        confusion = joint_confusion(source, y)
        difference = target.mean(axis=0) - confusion.sum(axis=1)
        penalty = self.regularisation * deviation(len(y), len(confusion))
        weights = (1 + regularised_change(confusion, difference, penalty)).clip(min=0.0)
        return np.asarray(weights * self.source_prior_ / (weights @ self.source_prior_))
