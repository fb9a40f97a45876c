"""TransRate: the coding rate of all features minus that of one class's (Huang et al., ICML 2022)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from headstart.arrays import Labels, Matrix
from headstart.selection.chance import above_chance
from headstart.selection.labelled import LabelledFeatures
from headstart.selection.metric import Measurement, Metric


@dataclass(frozen=True)
class TransRate(Metric):
    """R(Z) - mean_c R(Z_c), R(Z) = ½ log det(I + Z'Z / (n ε)), in nats, of centred features.

    distortion    ε, on features scaled to mean squared length 1 (the published score depends on their scale)
    above_chance  take off what permuted labels score: it rises with every column of noise. False is the published score
    """

    name: ClassVar[str] = "transrate"
    distortion: float = 1e-4
    above_chance: bool = True

    def _measure(self, features: LabelledFeatures) -> Measurement:
        rows = features.unit_coordinates

        def score(codes: Labels) -> float:
            return transrate(rows, codes, self.distortion)

        if not self.above_chance:
            return Measurement(score(features.codes))
        return Measurement(above_chance(score, features.codes, features.rng))


def transrate(rows: Matrix, codes: Labels, distortion: float) -> float:
    """Of centred rows (n, d) with codes (n,)."""
    classes = [coding_rate(rows[codes == code], distortion) for code in np.unique(codes)]
    return coding_rate(rows, distortion) - float(np.mean(classes))


def coding_rate(rows: Matrix, distortion: float) -> float:
    """½ log det(I + Z'Z / (n ε)), on the smaller side."""
    n, d = rows.shape
    small = rows.T @ rows if d < n else rows @ rows.T
    return 0.5 * float(np.linalg.slogdet(np.eye(len(small)) + small / (n * distortion))[1])
