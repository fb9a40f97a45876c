"""Subspace alignment: turn the source's principal axes onto the target's (Fernando et al., ICCV 2013)."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from headstart.adaptation.adapter import Step
from headstart.adaptation.feature.moment_adapter import MomentAdapter
from headstart.adaptation.feature.spread import Spread
from headstart.arrays import Matrix
from headstart.errors import DataError


class SubspaceAlignment(MomentAdapter):
    """Source rows go through Ps Ps' Pt, target rows through Pt: the leading principal axes of each.

    components  axes to keep; at most as many as both sides have

    Learned: source_map_, target_map_ (d, k) and the means.
    """

    name: ClassVar[str] = "subspace"

    def __init__(self, *, components: int = 40, head: Any = None) -> None:
        self.components = components
        self.head = head

    def _learn_maps(self, source: Spread, target: Spread) -> None:
        Ps, Pt = leading_axes(source, target, self.components)
        self.source_, self.target_ = source, target
        self.target_map_ = Pt
        self.source_map_ = Ps @ (Ps.T @ Pt)

    def _source_map(self, centred: Matrix) -> Matrix:
        return centred @ self.source_map_

    def _target_map(self, centred: Matrix) -> Matrix:
        return centred @ self.target_map_

    def steps(self) -> tuple[Step, ...]:
        return (("subtract", self.target_.mean), ("times", self.target_map_))


def leading_axes(source: Spread, target: Spread, components: int) -> tuple[Matrix, Matrix]:
    """The first axes (d, k) of each side; one arbitrary axis where a side does not vary at all."""
    if components < 1:
        raise DataError(f"components must be at least 1, got {components}")
    axes = [spread.leading(components)[1] for spread in (source, target)]
    kept = max(1, min(found.shape[1] for found in axes))
    Ps, Pt = (found[:, :kept] if found.size else np.eye(len(found), 1) for found in axes)
    return Ps, Pt
