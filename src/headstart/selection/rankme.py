"""RankMe: how many directions the features use; it needs no labels (Garrido et al., ICML 2023)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from headstart.selection.labelled import LabelledFeatures
from headstart.selection.metric import Measurement, Metric
from headstart.stats.spectrum import Spectrum


@dataclass(frozen=True)
class RankMe(Metric):
    """exp(entropy) of the singular values' shares, 1 to min(n - 1, d). Noise has the highest of all: it compares
    networks of one kind, and says nothing of what the target asks."""

    name: ClassVar[str] = "rankme"
    needs_labels: ClassVar[bool] = False
    level_on_noise: ClassVar[bool] = False
    from_spectrum: ClassVar[bool] = True

    def _measure(self, features: LabelledFeatures) -> Measurement:
        return Measurement(effective_rank(features.spectrum))


def effective_rank(spectrum: Spectrum) -> float:
    """Of centred rows; 0 where all rows are equal (the published one does not centre)."""
    values = np.sqrt(spectrum.values[spectrum.positive])
    if not len(values):
        return 0.0
    shares = values / values.sum()
    return float(np.exp(-(shares * np.log(shares)).sum()))
