"""The optimal linear map: what transports one Gaussian onto another at least cost (Knott & Smith, JOTA 1984; for domain
adaptation Flamary et al., AISTATS 2020)."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from scipy import linalg

from headstart.adaptation.adapter import Step
from headstart.adaptation.feature.coral import absolute_ridge
from headstart.adaptation.feature.moment_adapter import MomentAdapter
from headstart.adaptation.feature.spread import Spread
from headstart.arrays import Matrix


def optimal_map(source: Matrix, target: Matrix) -> Matrix:
    """Cs^(-1/2) (Cs^(1/2) Ct Cs^(1/2))^(1/2) Cs^(-1/2), symmetric (d, d), of positive definite covariances.

    >>> optimal_map(np.diag([1.0, 4.0]), np.diag([9.0, 1.0]))
    array([[3. , 0. ],
           [0. , 0.5]])
    """
    values, vectors = linalg.eigh(source)
    root, inverse = (vectors * np.sqrt(values)) @ vectors.T, (vectors / np.sqrt(values)) @ vectors.T
    middle_values, middle_vectors = linalg.eigh(root @ target @ root)
    middle = (middle_vectors * np.sqrt(middle_values.clip(min=0))) @ middle_vectors.T
    return np.asarray(inverse @ middle @ inverse)


class LinearMap(MomentAdapter):
    """Source rows x become mean_t + (x - mean_s) A with A cov_s A = cov_t; target rows stay.

    ridge  added to both covariances, in multiples of the mean variance of a column

    Learned: source_, target_ (`Spread`), and map_ (r, r) within basis_ (d, r), which both domains' directions span;
    orthogonal to it, where neither varies, nothing moves.
    """

    name: ClassVar[str] = "linear_map"

    def __init__(self, *, ridge: float = 0.1, head: Any = None) -> None:
        self.ridge = ridge
        self.head = head

    def _learn_maps(self, source: Spread, target: Spread) -> None:
        self.source_, self.target_ = source, target
        ridge = absolute_ridge(self.ridge, source, target)
        self.basis_ = joint_basis(source, target)
        covariances = []
        for spread in (source, target):
            inside = self.basis_.T @ spread.directions
            covariances.append((inside * spread.variances) @ inside.T + ridge * np.eye(self.basis_.shape[1]))
        self.map_ = optimal_map(*covariances)

    def _source_features(self, X: Any) -> Matrix:
        Z = self._centred(X, self.source_)
        inside = Z @ self.basis_
        return Z + (inside @ self.map_ - inside) @ self.basis_.T

    def _features(self, X: Any) -> Matrix:
        return self._centred(X, self.target_)

    def steps(self) -> tuple[Step, ...]:
        return (("subtract", self.target_.mean),)


def joint_basis(source: Spread, target: Spread) -> Matrix:
    """Orthonormal columns (d, r) that span the directions of both; the unit axes where those span everything."""
    d = len(source.mean)
    if len(source.variances) + len(target.variances) >= d:
        return np.eye(d)
    return np.asarray(linalg.qr(np.hstack([source.directions, target.directions]), mode="economic")[0])
