"""CORAL: give the source the target's mean and covariance (Sun, Feng & Saenko, AAAI 2016)."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from headstart.adaptation.adapter import Step
from headstart.adaptation.feature.moment_adapter import MomentAdapter
from headstart.adaptation.feature.spread import Spread
from headstart.arrays import Matrix
from headstart.errors import DataError


def recoloured(Z: Matrix, source: Spread, target: Spread, *, ridge: float) -> Matrix:
    """Z (Cs + ridge I)^(-1/2) (Ct + ridge I)^(1/2) for centred source rows Z (n, d): algorithm 1, without a d x d
    matrix."""
    return target.powered(source.powered(Z, -0.5, ridge), 0.5, ridge)


class Coral(MomentAdapter):
    """Source rows are whitened, recoloured like the target's and moved to its mean; target rows stay.

    ridge  added to both covariances, in multiples of the mean variance of a column (1: the paper's identity for
           standardised columns, too little for most of our pairs); the larger, the less of the correlations is trusted

    Unlike the paper's, the map moves means as well: without that it misses most shifts. Learned: source_, target_
    (`Spread`), ridge_, and map_ (d, d), which is None where either side has fewer rows than columns.
    """

    name: ClassVar[str] = "coral"

    def __init__(self, *, ridge: float = 3.0, head: Any = None) -> None:
        self.ridge = ridge
        self.head = head

    def _learn_maps(self, source: Spread, target: Spread) -> None:
        self.source_, self.target_ = source, target
        self.ridge_ = absolute_ridge(self.ridge, source, target)
        known = source.matrix is not None and target.matrix is not None
        self.map_ = source.power(-0.5, self.ridge_) @ target.power(0.5, self.ridge_) if known else None

    def _source_map(self, centred: Matrix) -> Matrix:
        if self.map_ is not None:
            return np.asarray(centred @ self.map_)
        return recoloured(centred, self.source_, self.target_, ridge=self.ridge_)

    def _target_map(self, centred: Matrix) -> Matrix:
        return centred

    def steps(self) -> tuple[Step, ...]:
        return (("subtract", self.target_.mean),)


def absolute_ridge(ridge: float, source: Spread, target: Spread) -> float:
    """`ridge` in units of the data: times the mean variance of a column over both sides, 1 where nothing varies."""
    if not ridge > 0:
        raise DataError(f"ridge must be positive, got {ridge}")
    return ridge * ((source.average + target.average) / 2 or 1.0)
