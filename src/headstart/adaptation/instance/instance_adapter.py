"""What instance methods share: weights for source rows, a guard on what they are worth, a weighted head."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from typing import ClassVar

import numpy as np

from headstart.adaptation.adapter import Adapter, Family
from headstart.adaptation.domains import Domains
from headstart.adaptation.instance.weights import effective_rows, flattening
from headstart.arrays import Vector
from headstart.errors import DataError


class FewEffectiveRows(UserWarning):
    """Weights put nearly all source rows aside: the domains hardly overlap."""


class InstanceAdapter(Adapter):
    """Subclasses write `_ratio`. Learned: weights_ (ns,) of mean 1; effective_rows_; flattening_, the exponent in
    [0, 1] that the guard took them to."""

    family: ClassVar[Family] = "instance"
    assumes: ClassVar[str] = "covariate shift: other rows are frequent, and labels mean the same everywhere"

    least_effective: float

    def _learn(self, domains: Domains) -> None:
        self.weights_ = self._guarded(self._ratio(domains))
        self.head_ = self._fitted_head(domains.Xs, domains, domains.Xt, self.weights_)

    @abstractmethod
    def _ratio(self, domains: Domains) -> Vector:
        """p_target / p_source at each source row (ns,), up to a factor."""

    def _guarded(self, ratio: Vector) -> Vector:
        if not 0 <= self.least_effective < 1:
            raise DataError(f"least_effective is a share of the source rows in [0, 1), got {self.least_effective}")
        ratio = np.asarray(ratio, dtype=np.float64)
        ratio = ratio if ratio.sum() > 0 else np.ones(len(ratio))
        least = self.least_effective * len(ratio)
        found = effective_rows(ratio)
        self.flattening_ = flattening(ratio, least)
        if self.flattening_ < 1:
            warnings.warn(
                f"{self.name}: the weights of {len(ratio)} source rows are worth {found:.1f} rows, too few to learn "
                f"from; they were flattened (exponent {self.flattening_:.2f}) until worth {least:.0f}",
                FewEffectiveRows,
                stacklevel=4,
            )
            ratio = (ratio / ratio.max()) ** self.flattening_
        weights = ratio / ratio.mean()
        self.effective_rows_ = effective_rows(weights)
        return np.asarray(weights)
