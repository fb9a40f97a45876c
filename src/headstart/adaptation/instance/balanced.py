"""Balanced weighting: few target labels must not drown among many of the source (Wu & Dietterich, ICML 2004)."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from headstart.adaptation.adapter import Adapter, Family, stacked
from headstart.adaptation.domains import Domains
from headstart.errors import DataError


class BalancedWeighting(Adapter):
    """share: of the total weight that the labelled target rows together have; the source has the rest."""

    name: ClassVar[str] = "balanced"
    family: ClassVar[Family] = "instance"
    assumes: ClassVar[str] = "any shift that some target labels show"
    needs_target_labels: ClassVar[bool] = True
    accepts_sparse: ClassVar[bool] = True

    def __init__(self, *, share: float = 0.5, head: Any = None) -> None:
        self.share = share
        self.head = head

    def _learn(self, domains: Domains) -> None:
        if not 0 < self.share < 1:
            raise DataError(f"share must lie strictly between 0 and 1, got {self.share}")
        known = domains.known
        ns, nt = len(domains.ys), int(known.sum())
        weights = np.repeat([(1 - self.share) / ns, self.share / nt], [ns, nt]) * (ns + nt)
        head = self._fresh_head()
        self.head_ = head.fit(
            stacked(domains.Xs, domains.Xt[known]),
            np.concatenate([domains.ys, domains.yt[known]]),
            sample_weight=weights,
        )
