"""Nearest-neighbour weighting (Loog, MLSP 2012): a source row counts for the target rows that are closest to it."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from headstart.adaptation.domains import Domains
from headstart.adaptation.instance.instance_adapter import InstanceAdapter
from headstart.arrays import Matrix, Vector
from headstart.stats.kernels import squared_distances

BLOCK = 1024


def neighbour_counts(Xs: Matrix, Xt: Matrix) -> Vector:
    """1 + the number of target rows whose nearest source row this is (ns,): Laplace's rule keeps every row.

    >>> neighbour_counts(np.array([[0.0], [1.0]]), np.array([[0.9], [1.2], [5.0]]))
    array([1., 4.])
    """
    nearest = [squared_distances(Xt[start : start + BLOCK], Xs).argmin(axis=1) for start in range(0, len(Xt), BLOCK)]
    return 1.0 + np.bincount(np.concatenate(nearest), minlength=len(Xs))


class NearestRatio(InstanceAdapter):
    """Nothing to tune, no density estimated. Learned: `InstanceAdapter`'s."""

    name: ClassVar[str] = "nearest"

    def __init__(self, *, least_effective: float = 0.1, head: Any = None) -> None:
        self.least_effective = least_effective
        self.head = head

    def _ratio(self, domains: Domains) -> Vector:
        return neighbour_counts(domains.Xs, domains.Xt)
