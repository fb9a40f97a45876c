"""uLSIF and RuLSIF: the density ratio by least squares, its leave-one-out error in closed form (Kanamori, Hido &
Sugiyama, JMLR 2009; relative to a mixture: Yamada et al., Neural Computation 2013)."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from scipy import linalg

from headstart.adaptation.domains import Domains
from headstart.adaptation.instance.instance_adapter import InstanceAdapter
from headstart.adaptation.instance.kliep import BANDWIDTHS, kernel_basis
from headstart.arrays import Matrix, Vector
from headstart.errors import DataError
from headstart.stats.kernels import rbf

RIDGES = (0.01, 0.1, 1.0)


def least_squares_ratio(source: Matrix, target: Matrix, *, ridge: float, mixture: float = 0.0) -> Vector:
    """Amplitudes (b,) of p_target / (mixture p_target + (1 - mixture) p_source) from kernel values (ns, b), (nt, b).

    (H + ridge I)^-1 h with H = mixture mean φtφt' + (1 - mixture) mean φsφs' and h = mean φt; negative ones become 0.
    """
    H = (1 - mixture) * source.T @ source / len(source) + mixture * target.T @ target / len(target)
    theta = linalg.solve(H + ridge * np.eye(len(H)), target.mean(axis=0), assume_a="pos")
    return np.asarray(theta.clip(min=0.0))


def leave_one_out_error(source: Matrix, target: Matrix, *, ridge: float, mixture: float = 0.0) -> float:
    """Mean over pairs i of the squared error of the ratio fitted without source row i and target row i.

    J_i = mixture/2 r(xt_i)² + (1 - mixture)/2 r(xs_i)² - r(xt_i), by a rank-two update instead of n fits. Pairs are as
    many as the smaller side has rows.
    """
    ns, nt = len(source), len(target)
    pairs = min(ns, nt)
    a, b = source[:pairs].T, target[:pairs].T
    shares = np.array([(1 - mixture) / (ns - 1), mixture / (nt - 1)])
    base = shares[0] * source.T @ source + shares[1] * target.T @ target + ridge * np.eye(len(a))
    factor = linalg.cho_factor(base)
    totals = target.sum(axis=0)
    h = (totals[:, None] - b) / (nt - 1)
    Ba, Bb, Bh = linalg.cho_solve(factor, a), linalg.cho_solve(factor, b), linalg.cho_solve(factor, h)
    inner = np.empty((pairs, 2, 2))  # U' B^-1 U of each pair, U = [a_i, b_i]
    inner[:, 0, 0], inner[:, 1, 1] = (a * Ba).sum(axis=0), (b * Bb).sum(axis=0)
    inner[:, 0, 1] = inner[:, 1, 0] = (a * Bb).sum(axis=0)
    seen = np.stack([(a * Bh).sum(axis=0), (b * Bh).sum(axis=0)], axis=1)
    correction = np.linalg.solve(np.eye(2) - shares[:, None] * inner, (shares * seen)[:, :, None])[:, :, 0]
    theta = (Bh + Ba * correction[:, 0] + Bb * correction[:, 1]).clip(min=0.0)
    of_source, of_target = (a * theta).sum(axis=0), (b * theta).sum(axis=0)
    errors = mixture / 2 * of_target**2 + (1 - mixture) / 2 * of_source**2 - of_target
    return float(errors.mean())


class LeastSquaresRatio(InstanceAdapter):
    """uLSIF with `mixture` 0; RuLSIF above: the ratio is then bounded by 1/mixture, which tames rows far outside.

    bandwidths, ridges  to choose from by leave-one-out error; bandwidths in multiples of the median distance

    Learned: bandwidth_, ridge_, amplitudes_, centres_, and `InstanceAdapter`'s.
    """

    name: ClassVar[str] = "ulsif"

    def __init__(
        self, *, mixture: float = 0.0, bandwidths: Sequence[float] = BANDWIDTHS, ridges: Sequence[float] = RIDGES,
        centres: int = 100, least_effective: float = 0.1, seed: int = 0, head: Any = None,
    ) -> None:  # fmt: skip
        self.mixture = mixture
        self.bandwidths = bandwidths
        self.ridges = ridges
        self.centres = centres
        self.least_effective = least_effective
        self.seed = seed
        self.head = head

    def _ratio(self, domains: Domains) -> Vector:
        if not 0 <= self.mixture < 1:
            raise DataError(f"mixture must lie in [0, 1), got {self.mixture}")
        rng = np.random.default_rng(self.seed)
        Xs, Xt = (X[rng.permutation(len(X))] for X in (domains.Xs, domains.Xt))  # pairs must be paired by chance
        self.centres_, unit = kernel_basis(Xs, Xt, self.centres, rng)
        errors = {}
        for width, ridge in itertools.product(self.bandwidths, self.ridges):
            source, target = (rbf(X, self.centres_, unit * width) for X in (Xs, Xt))
            errors[width, ridge] = leave_one_out_error(source, target, ridge=ridge, mixture=self.mixture)
        width, self.ridge_ = min(errors, key=lambda each: errors[each])
        self.bandwidth_ = unit * width
        source, target = (rbf(X, self.centres_, self.bandwidth_) for X in (domains.Xs, domains.Xt))
        self.amplitudes_ = least_squares_ratio(source, target, ridge=self.ridge_, mixture=self.mixture)
        return np.asarray(source @ self.amplitudes_)


class RelativeLeastSquaresRatio(LeastSquaresRatio):
    """RuLSIF: `LeastSquaresRatio` with half of the target in the denominator, so that no weight passes 2."""

    name: ClassVar[str] = "rulsif"

    def __init__(
        self, *, mixture: float = 0.5, bandwidths: Sequence[float] = BANDWIDTHS, ridges: Sequence[float] = RIDGES,
        centres: int = 100, least_effective: float = 0.1, seed: int = 0, head: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(
            mixture=mixture, bandwidths=bandwidths, ridges=ridges, centres=centres, least_effective=least_effective,
            seed=seed, head=head,
        )  # fmt: skip
