"""One network's part in a model: where its features come from, the head on them, and how much its answer counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from headstart.arrays import Matrix
from headstart.models.feature_map import FeatureMap
from headstart.stats.calibration import apply_temperature


@dataclass(frozen=True, eq=False)
class Member:
    """Most models have one; a mixture has several.

    weight       its share of the mixture; 1 where it stands alone
    temperature  divides its log-probabilities before they are mixed
    """

    map: FeatureMap
    head: Any
    weight: float = 1.0
    temperature: float = 1.0

    def proba(self, features: Any, n_classes: int) -> Matrix:
        """(n, n_classes) float64 from its features (n, d); 0 for classes that the head never saw."""
        proba = np.zeros((features.shape[0], n_classes))
        if features.shape[0]:
            answers = self.head.predict_proba(features)
            # at 1 the probabilities are left as they are, to the bit
            proba[:, self.head.classes_] = answers if self.temperature == 1 else self._cooled(answers)
        return proba

    def _cooled(self, answers: Matrix) -> Matrix:
        return apply_temperature(answers, self.temperature)
