"""Exact leave-one-out of ridge regression over its whole path: what a linear classifier on these features gets right.

Golub, Heath & Wahba, Technometrics 1979; Allen, Technometrics 1974. In accuracy units, with a standard error, so
that two backbones can be told apart, or found not to be.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from headstart.heads.ridge_path import RidgeProblem, best_step
from headstart.selection.labelled import LabelledFeatures
from headstart.selection.metric import Measurement, Metric
from headstart.stats.intervals import accuracy_score_interval


@dataclass(frozen=True)
class RidgeLOO(Metric):
    """Share of rows that the ridge fitted without them calls right, at the penalty where most are (ties: least error).

    Equal to `heads.ridge.Ridge.loo_accuracy_`. `rows` is right (1) or wrong (0) per row.
    """

    name: ClassVar[str] = "ridge_loo"
    in_accuracy_units: ClassVar[bool] = True
    comparable_across_tasks: ClassVar[bool] = True
    from_spectrum: ClassVar[bool] = True

    def _measure(self, features: LabelledFeatures) -> Measurement:
        ridges, accuracy, error = features.ridge_path
        ridge = float(ridges[best_step(accuracy, error)])
        right = np.asarray(features.problem.loo(ridge).argmax(axis=1) == features.codes, dtype=np.float64)
        return Measurement(float(right.mean()), accuracy_score_interval(right).se, right, f"ridge {ridge:.3g}")


@dataclass(frozen=True)
class RidgeR2(Metric):
    """1 - leave-one-out squared error over that of the leave-one-out mean, all class indicators together, at the
    penalty where it is largest; 0 says that the features explain nothing, and it may be below.

    `se` is that of a ratio of means (delta method). `rows` is 1 - n error_i / total: their mean is the value.
    """

    name: ClassVar[str] = "ridge_r2"
    comparable_across_tasks: ClassVar[bool] = True
    from_spectrum: ClassVar[bool] = True

    def _measure(self, features: LabelledFeatures) -> Measurement:
        problem, (ridges, _, error) = features.problem, features.ridge_path
        ridge = float(ridges[error.argmin()])
        errors = ((problem.Y - problem.loo(ridge)) ** 2).sum(axis=1)
        baseline = mean_errors(problem, features.n)
        value = 1 - errors.mean() / baseline.mean()
        deviation = errors - (1 - value) * baseline
        se = float(deviation.std() / baseline.mean() / np.sqrt(len(errors)))
        return Measurement(float(value), se, 1 - errors / baseline.mean(), f"ridge {ridge:.3g}")


def mean_errors(problem: RidgeProblem, n: float) -> np.ndarray:
    """Squared error (m,) of predicting each row by the mean of the others."""
    return np.asarray(((problem.Y - problem.average) ** 2).sum(axis=1) * (n / (n - 1)) ** 2)
