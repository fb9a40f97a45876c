"""PARC: do rows that look alike have labels alike? (Bolya, Mittapalli & Hoffman, NeurIPS 2021)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.stats import rankdata

from headstart.heads.unit_rows import unit_rows
from headstart.selection.labelled import LabelledFeatures
from headstart.selection.metric import Measurement, Metric


@dataclass(frozen=True)
class PARC(Metric):
    """Spearman correlation between the distances of pairs of rows in features and in labels, -1 to 1.

    components  leading principal components kept; most: rows, drawn with the seed

    Distances are one minus the cosine of centred rows. The published one minus the correlation over components depends
    on the sign of each component, which has no meaning.
    """

    name: ClassVar[str] = "parc"
    components: int = 32
    most: int = 500

    def _measure(self, features: LabelledFeatures) -> Measurement:
        rows, codes = features.unit_coordinates[:, -self.components :], features.codes
        if len(rows) > self.most:
            chosen = features.rng.choice(len(rows), self.most, replace=False)
            rows, codes = rows[chosen], codes[chosen]
        pairs = np.triu_indices(len(rows), 1)
        unit = unit_rows(rows)
        apart, differ = 1 - (unit @ unit.T)[pairs], codes[pairs[0]] != codes[pairs[1]]
        apart = apart.round(9)  # equal rows must tie
        if not rows.shape[1] or differ.all() or not differ.any() or np.ptp(apart) == 0:
            return Measurement(0.0)
        return Measurement(float(np.corrcoef(rankdata(apart), differ)[0, 1]))
