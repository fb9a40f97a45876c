"""The optimal linear map: what transports one Gaussian onto another at least cost (Knott & Smith, JOTA 1984; for domain
adaptation Flamary et al., AISTATS 2020)."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from scipy import linalg
from scipy.linalg import blas

from headstart.adaptation.adapter import Step
from headstart.adaptation.feature.coral import absolute_ridge
from headstart.adaptation.feature.moment_adapter import MomentAdapter
from headstart.adaptation.feature.spread import Spread
from headstart.arrays import Matrix


def optimal_map(source: Matrix, target: Matrix) -> Matrix:
    """Cs^(-1/2) (Cs^(1/2) Ct Cs^(1/2))^(1/2) Cs^(-1/2), symmetric (d, d), of positive definite covariances.

    Any root of Cs = L L' serves: with Cholesky's factor, A = L^-T (L' Ct L)^(1/2) L^-1 takes one eigendecomposition.

    >>> optimal_map(np.diag([1.0, 4.0]), np.diag([9.0, 1.0]))
    array([[3. , 0. ],
           [0. , 0.5]])
    """
    L = linalg.cholesky(source, lower=True, check_finite=False)
    inside = blas.dtrmm(1.0, L, blas.dtrmm(1.0, L, target.T, side=1, lower=1), trans_a=1, lower=1)  # L' Ct L
    values, vectors = linalg.eigh(inside, check_finite=False, overwrite_a=True, driver="evd")
    halves = vectors * np.sqrt(np.sqrt(values.clip(min=0)))
    halves = linalg.solve_triangular(L, halves, lower=True, trans="T", check_finite=False)
    return np.asarray(halves @ halves.T)


class LinearMap(MomentAdapter):
    """Source rows x become mean_t + (x - mean_s) A with A cov_s A = cov_t; target rows stay.

    ridge  added to both covariances, in multiples of the mean variance of a column

    Learned: source_, target_ (`Spread`), and map_ (r, r) within basis_ (d, r), which both domains' directions span;
    orthogonal to it, where neither varies, nothing moves. Where they span the whole space basis_ is None.
    """

    name: ClassVar[str] = "linear_map"

    def __init__(self, *, ridge: float = 0.1, head: Any = None) -> None:
        self.ridge = ridge
        self.head = head

    def _learn_maps(self, source: Spread, target: Spread) -> None:
        self.source_, self.target_ = source, target
        ridge = absolute_ridge(self.ridge, source, target)
        self.basis_ = joint_basis(source, target)
        inside = [spread.within(self.basis_) for spread in (source, target)]
        self.map_ = optimal_map(*(each + ridge * np.eye(len(each)) for each in inside))

    def _source_map(self, centred: Matrix) -> Matrix:
        if self.basis_ is None:
            return np.asarray(centred @ self.map_)
        inside = centred @ self.basis_
        return np.asarray(centred + (inside @ self.map_ - inside) @ self.basis_.T)

    def _target_map(self, centred: Matrix) -> Matrix:
        return centred

    def steps(self) -> tuple[Step, ...]:
        return (("subtract", self.target_.mean),)


def joint_basis(source: Spread, target: Spread) -> Matrix | None:
    """Orthonormal columns (d, r) that span the directions of both; None where those may span everything."""
    if source.matrix is not None or target.matrix is not None:
        return None
    if len(source.variances) + len(target.variances) >= len(source.mean):
        return None
    return np.asarray(linalg.qr(np.hstack([source.directions, target.directions]), mode="economic")[0])
