"""Distance between two labelled data sets by sliced optimal transport (after Nguyen, Nguyen, Pham & Ho, ICML 2025)."""

from __future__ import annotations

from dataclasses import dataclass
from math import factorial
from typing import ClassVar

import numpy as np

from headstart.arrays import Labels, Matrix
from headstart.errors import DataError
from headstart.selection.labelled import LabelledFeatures
from headstart.selection.metric import Measurement, Metric
from headstart.stats.transport import directions, sliced_wasserstein


@dataclass(frozen=True)
class SlicedOTDD(Metric):
    """Root mean squared transport distance along random lines of (row, distribution of its class), 0 for equal sets.

    A line sees a row as its projection, and its class as scaled moments of the class's rows along the same line
    (order k divided by k!): classes are compared by what they look like, whatever they are called. Both sets are put
    on the scale of the two together.

    lines    random projections; moments  of each class's projection; most  rows of a side, drawn with the seed
    """

    name: ClassVar[str] = "otdd"
    higher_is_better: ClassVar[bool] = False
    needs_source_data: ClassVar[bool] = True
    level_on_noise: ClassVar[bool] = False
    lines: int = 500
    moments: int = 4
    most: int = 5_000

    def _measure(self, features: LabelledFeatures) -> Measurement:
        assert features.source is not None
        rng = features.rng
        (near, near_codes), (far, far_codes) = (_drawn(each, self.most, rng) for each in (features, features.source))
        if near.shape[1] != far.shape[1]:
            raise DataError(
                f"the target has {near.shape[1]} columns and the source {far.shape[1]}; extract both with one backbone"
            )
        both = np.concatenate([near, far])
        centre = both.mean(axis=0)
        scale = float(np.sqrt(((both - centre) ** 2).sum(axis=1).mean())) or 1.0
        lines = directions(near.shape[1], self.lines, rng)
        weights = directions(self.moments + 1, self.lines, rng)
        seen = (
            _seen((rows - centre) @ lines / scale * np.sqrt(len(centre)), codes, weights)
            for rows, codes in ((near, near_codes), (far, far_codes))
        )
        return Measurement(sliced_wasserstein(*seen))


def _seen(projected: Matrix, codes: Labels, weights: Matrix) -> Matrix:
    """(n, lines): each row's projection and its class's scaled moments, mixed by `weights` (1 + moments, lines)."""
    members = np.eye(int(codes.max()) + 1)[codes]
    counts = members.sum(axis=0)[:, None]
    mixed = weights[0] * projected
    for order in range(1, len(weights)):
        moments = members.T @ projected**order / counts / factorial(order)
        mixed += weights[order] * moments[codes]
    return mixed


def _drawn(features: LabelledFeatures, most: int, rng: np.random.Generator) -> tuple[Matrix, Labels]:
    X, codes = features.statistics.X, features.codes
    if len(codes) > most:
        chosen = np.sort(rng.choice(len(codes), most, replace=False))
        X, codes = X[chosen], codes[chosen]
    return np.asarray(X.toarray() if hasattr(X, "toarray") else X, dtype=np.float64), codes
