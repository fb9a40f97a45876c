"""Label propagation: the source's labels spread along a graph of near rows into the target, and the head learns where
they arrive (Zhou, Bousquet, Lal, Weston & Schölkopf, NeurIPS 2003)."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from scipy import sparse

from headstart.adaptation.adapter import FeatureAdapter, Step
from headstart.adaptation.convergence import note_gap
from headstart.adaptation.domains import Domains, as_given
from headstart.adaptation.feature.manifold import laplacian
from headstart.arrays import Matrix
from headstart.errors import DataError
from headstart.heads.unit_rows import unit_rows


def spread_labels(L: Any, Y: Matrix, *, reach: float, tolerance: float, max_iter: int) -> tuple[Matrix, float]:
    """F = (1 - reach) (I - reach S)^-1 Y for S = I - L, by conjugate gradients; the residual left, relatively."""
    S = sparse.csr_matrix(sparse.eye(L.shape[0]) - L)

    def product(V: Matrix) -> Matrix:
        return V - reach * np.asarray(S @ V)

    wanted = (1 - reach) * Y
    F = Y.copy()
    residual = wanted - product(F)
    direction, length = residual.copy(), (residual**2).sum(axis=0)
    size = np.sqrt((wanted**2).sum(axis=0)).clip(min=1e-300)
    gap = float((np.sqrt(length) / size).max())
    for _ in range(max_iter):
        if gap <= tolerance:
            break
        image = product(direction)
        step = length / (direction * image).sum(axis=0).clip(min=1e-300)
        F, residual = F + step * direction, residual - step * image
        shorter = (residual**2).sum(axis=0)
        direction = residual + shorter / length.clip(min=1e-300) * direction
        length = shorter
        gap = float((np.sqrt(length) / size).max())
    return F, gap


class Propagation(FeatureAdapter):
    """neighbours  of each row in the graph of both domains' rows, each about its own mean and of length one
    reach       in (0, 1): how far labels travel; near 0 they stay where they are
    align       False leaves the domains' means where they are

    The head learns from the target rows, each labelled by what reaches it and weighing as much as that is clear, beside
    the source's rows. Learned: spread_ (nt, C) of rows that sum to 1, gap_ (of the linear system), converged_.
    """

    name: ClassVar[str] = "propagation"
    assumes: ClassVar[str] = "features move; rows that lie close together share their class"

    def __init__(
        self, *, neighbours: int = 10, reach: float = 0.9, align: bool = True, tolerance: float = 1e-6,
        max_iter: int = 500, head: Any = None,
    ) -> None:  # fmt: skip
        self.neighbours = neighbours
        self.reach = reach
        self.align = align
        self.tolerance = tolerance
        self.max_iter = max_iter
        self.head = head

    def transform_source(self, X: Any) -> Any:
        """Source rows (n, d) about the source's mean."""
        return as_given(np.asarray(self._checked(X) - self.source_mean_), X)

    def _learn(self, domains: Domains) -> None:
        if not 0 < self.reach < 1 or self.neighbours < 1:
            raise DataError(f"reach lies in (0, 1) and neighbours are at least 1, got {self.reach}, {self.neighbours}")
        Zs, Zt = self._align(domains)
        L = laplacian(unit_rows(np.concatenate([Zs, Zt])), self.neighbours)
        labels = np.concatenate([domains.ys, domains.yt])
        Y = np.where((labels >= 0)[:, None], np.eye(domains.n_classes)[labels.clip(min=0)], 0.0)
        Y /= Y.sum(axis=0)  # a class of many rows must not win by their number
        F, gap = spread_labels(L, Y, reach=self.reach, tolerance=self.tolerance, max_iter=self.max_iter)
        note_gap(self, gap, self.tolerance, meaning="the linear system's residual")
        arrived = F[len(Zs) :].clip(min=0.0) + 1e-300
        self.spread_ = arrived / arrived.sum(axis=1, keepdims=True)
        guesses = np.where(domains.known, domains.yt, self.spread_.argmax(axis=1))
        ordered = np.sort(self.spread_, axis=1)
        clear = np.where(domains.known, 1.0, ordered[:, -1] - ordered[:, -2])
        head = self._fresh_head()
        self.head_ = head.fit(
            np.concatenate([Zs, Zt]),
            np.concatenate([domains.ys, guesses]),
            sample_weight=np.concatenate([np.ones(len(Zs)), clear]),
        )

    def _align(self, domains: Domains) -> tuple[Matrix, Matrix]:
        means = [X.mean(axis=0) if self.align else np.zeros(X.shape[1]) for X in (domains.Xs, domains.Xt)]
        self.source_mean_, self.mean_ = means
        return domains.Xs - means[0], domains.Xt - means[1]

    def _features(self, X: Any) -> Matrix:
        return np.asarray(X - self.mean_)

    def steps(self) -> tuple[Step, ...]:
        return (("subtract", self.mean_),)
