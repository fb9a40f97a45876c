"""H-score with a shrunken covariance: how far class means lie apart, in units of the features' spread.

Bao et al., ICIP 2019; Ledoit-Wolf shrinkage as in Ibrahim, Ponomareva & Mazumder, 2021 ("Newer is not always better").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from headstart.selection.chance import corrected
from headstart.selection.labelled import LabelledFeatures
from headstart.selection.metric import Measurement, Metric


@dataclass(frozen=True)
class HScore(Metric):
    """(1 - a) tr(S_a^-1 B): B the covariance of class means, S_a = (1 - a) S + a tr(S)/d I; 0 to C - 1.

    above_chance  how much of the way from chance to C - 1 it comes, at most 1: labels dealt at random would give
                  (1 - a) tr(S_a^-1 S) (C - 1)/(n - 1) on average, which grows with the number of columns. False is the
                  published score
    """

    name: ClassVar[str] = "hscore"
    from_spectrum: ClassVar[bool] = True
    above_chance: bool = True

    def _measure(self, features: LabelledFeatures) -> Measurement:
        spectrum, n, share = features.spectrum, features.n, features.shrinkage
        values = spectrum.values[spectrum.positive] / n
        if not len(values):
            return Measurement(0.0)
        inverse = (1 - share) / ((1 - share) * values + share * values.sum() / features.width)
        spread = values * inverse  # of S_a^-1 S along each eigenvector
        between = (features.problem.projected[spectrum.positive] ** 2 / features.counts).sum(axis=1)
        score = float(spread @ between)
        if self.above_chance:
            chance = (features.n_classes - 1) / (n - 1) * float(spread.sum())
            score = corrected(score, chance, features.n_classes - 1)
        return Measurement(score, setting=f"shrinkage {share:.2g}")
