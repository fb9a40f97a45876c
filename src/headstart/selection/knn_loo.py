"""Cosine nearest neighbours judged by leave-one-out: no fit, and a score hard to beat (Sorkhei et al., 2025)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy import sparse

from headstart.heads.neighbour_votes import left_out_votes
from headstart.heads.unit_rows import unit_rows
from headstart.selection.labelled import LabelledFeatures
from headstart.selection.metric import Measurement, Metric
from headstart.stats.intervals import accuracy_score_interval

MOST_ROWS = 5_000


@dataclass(frozen=True)
class NeighbourLOO(Metric):
    """Share of rows whose k neighbours of largest cosine, weighted by it, vote for their class; best of `ks`.

    Dense rows are centred first, so that a shift of all features changes nothing. Beyond 5,000 rows, the first 5,000 of
    the sample are asked about the same 5,000.
    """

    name: ClassVar[str] = "knn_loo"
    in_accuracy_units: ClassVar[bool] = True
    comparable_across_tasks: ClassVar[bool] = True
    ks: tuple[int, ...] = (5, 10)

    def _measure(self, features: LabelledFeatures) -> Measurement:
        X, codes = features.statistics.X[:MOST_ROWS], features.codes[:MOST_ROWS]
        rows = unit_rows(X if sparse.issparse(X) else X - features.spectrum.mean.astype(X.dtype))
        ks = sorted({min(k, max(len(codes) - 1, 1)) for k in self.ks})
        votes = left_out_votes(rows, codes, np.ones(len(codes)), ks, features.n_classes)
        right = np.asarray(votes.argmax(axis=2) == codes, dtype=np.float64)
        best = int(right.mean(axis=1).argmax())
        found = right[best]
        whole = found if len(found) == len(features.codes) else None  # rows must match those of the other metrics
        return Measurement(float(found.mean()), accuracy_score_interval(found).se, whole, f"k {ks[best]}")
