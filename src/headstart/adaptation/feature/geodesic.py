"""The geodesic flow kernel: average over all subspaces on the way from source to target (Gong et al., CVPR 2012)."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from scipy import linalg

from headstart.adaptation.adapter import Step
from headstart.adaptation.feature.moment_adapter import MomentAdapter
from headstart.adaptation.feature.spread import Spread
from headstart.adaptation.feature.subspace import leading_axes
from headstart.arrays import Matrix


def geodesic_root(Ps: Matrix, Pt: Matrix) -> Matrix:
    """R (d, 2k) with R R' = ∫ Φ(t) Φ(t)' dt over [0, 1], Φ the geodesic from span(Ps) to span(Pt), both (d, k).

    With Ps'Pt = U cos(θ) V', B = Ps U and D the unit directions that lead away from it, Φ(t) = B cos(tθ) + D sin(tθ),
    so that the integral has three closed-form weights per angle; eq. 6-9.
    """
    U, cosines, Vt = linalg.svd(Ps.T @ Pt)
    theta = np.arccos(cosines.clip(0.0, 1.0))
    B = Ps @ U
    away = Pt @ Vt.T - B * cosines.clip(0.0, 1.0)
    lengths = np.linalg.norm(away, axis=0)
    moving = lengths > 1e-8
    D = np.where(moving, away / np.where(moving, lengths, 1.0), 0.0)
    turned = np.where(moving, theta, 1.0)
    of_B = np.where(moving, (1 + np.sin(2 * turned) / (2 * turned)) / 2, 1.0)
    of_D = np.where(moving, (1 - np.sin(2 * turned) / (2 * turned)) / 2, 0.0)
    mixed = np.where(moving, (1 - np.cos(2 * turned)) / (4 * turned), 0.0)
    first = np.sqrt(of_B)  # the Cholesky factor of [[of_B, mixed], [mixed, of_D]], angle by angle
    second = np.sqrt((of_D - (mixed / first) ** 2).clip(min=0.0))
    return np.hstack([B * first + D * (mixed / first), D * second])


class GeodesicFlow(MomentAdapter):
    """Both sides, each about its mean, in coordinates whose inner products are the kernel.

    components  axes of each side; at most as many as both have
    """

    name: ClassVar[str] = "geodesic"

    def __init__(self, *, components: int = 20, head: Any = None) -> None:
        self.components = components
        self.head = head

    def _learn_maps(self, source: Spread, target: Spread) -> None:
        self.source_, self.target_ = source, target
        self.map_ = geodesic_root(*leading_axes(source, target, self.components))

    def _source_map(self, centred: Matrix) -> Matrix:
        return centred @ self.map_

    def _target_map(self, centred: Matrix) -> Matrix:
        return centred @ self.map_

    def steps(self) -> tuple[Step, ...]:
        return (("subtract", self.target_.mean), ("times", self.map_))
