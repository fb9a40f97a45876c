"""Adaptive normalisation: each column by its own domain's mean and variance, as AdaBN does in every layer of a network
(Li, Wang, Shi, Hou & Liu, Pattern Recognition 2018), here on features."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from headstart.adaptation.adapter import Step
from headstart.adaptation.feature.moment_adapter import MomentAdapter
from headstart.adaptation.feature.spread import Spread
from headstart.arrays import Matrix, Vector
from headstart.errors import DataError


class BatchNorm(MomentAdapter):
    """floor: added to the variances, in multiples of their mean over columns: tames columns that hardly vary.

    Learned: source_, target_ (`Spread`), source_scale_, target_scale_ (d,).
    """

    name: ClassVar[str] = "batch_norm"

    def __init__(self, *, floor: float = 0.1, head: Any = None) -> None:
        self.floor = floor
        self.head = head

    def _learn_maps(self, source: Spread, target: Spread) -> None:
        if self.floor < 0:
            raise DataError(f"floor must not be negative, got {self.floor}")
        self.source_, self.target_ = source, target
        self.source_scale_, self.target_scale_ = (inverse_deviations(each, self.floor) for each in (source, target))

    def _source_map(self, centred: Matrix) -> Matrix:
        return centred * self.source_scale_

    def _target_map(self, centred: Matrix) -> Matrix:
        return centred * self.target_scale_

    def steps(self) -> tuple[Step, ...]:
        return (("subtract", self.target_.mean), ("scale", self.target_scale_))


def inverse_deviations(spread: Spread, floor: float) -> Vector:
    """1/√(variance + floor · mean variance) of each column (d,); 1 where nothing varies at all."""
    variances = spread.column_variances
    raised = variances + floor * spread.average
    known = raised > 0
    return np.where(known, 1 / np.sqrt(np.where(known, raised, 1.0)), 1.0)
