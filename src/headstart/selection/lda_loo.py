"""Shrinkage LDA judged by exact leave-one-out: the probability it gives a row's own class, not having seen the row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.special import softmax

from headstart.selection.labelled import LabelledFeatures
from headstart.selection.metric import Measurement, Metric
from headstart.stats.intervals import accuracy_score_interval

LEAST, MOST = 1e-4, 0.99


@dataclass(frozen=True)
class LDALOO(Metric):
    """Mean posterior of the own class under Gaussian classes with one covariance, shrunk by Ledoit & Wolf's weight.

    Published scores of this kind (SFDA, ETran) take the posterior of the rows the classifier was fitted on, which is 1
    on pure noise once columns outnumber rows. A class of one row cannot be left out: its row counts as 0.
    """

    name: ClassVar[str] = "lda_loo"
    in_accuracy_units: ClassVar[bool] = True
    comparable_across_tasks: ClassVar[bool] = True
    from_spectrum: ClassVar[bool] = True

    def _measure(self, features: LabelledFeatures) -> Measurement:
        problem, codes = features.discriminant, features.codes
        share = float(np.clip(features.shrinkage, LEAST, MOST))
        ridge = share / (1 - share) * problem.within_trace / features.width
        posterior = softmax(problem.loo(ridge, shrinkage=share), axis=1)
        own = np.where(problem.judged, posterior[np.arange(len(codes)), codes], 0.0)
        return Measurement(float(own.mean()), accuracy_score_interval(own).se, own, f"shrinkage {share:.2g}")
