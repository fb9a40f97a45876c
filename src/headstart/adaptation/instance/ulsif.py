"""uLSIF and RuLSIF: the density ratio by least squares, its leave-one-out error in closed form (Kanamori, Hido &
Sugiyama, JMLR 2009; relative to a mixture: Yamada et al., Neural Computation 2013)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from scipy import linalg

from headstart.adaptation.domains import Domains
from headstart.adaptation.instance.instance_adapter import InstanceAdapter
from headstart.adaptation.instance.kliep import BANDWIDTHS, kernel_basis, quick_kernels
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


def leave_one_out_errors(
    source: Matrix, target: Matrix, *, ridges: Sequence[float], mixture: float = 0.0
) -> tuple[float, ...]:
    """For each ridge, the mean over pairs i of the squared error of the ratio fitted without source row i and target
    row i: kernel values (ns, b) and (nt, b), in whose precision it is computed.

    J_i = mixture/2 r(xt_i)² + (1 - mixture)/2 r(xs_i)² - r(xt_i), by a rank-two update instead of n fits. Pairs are as
    many as the smaller side has rows.
    """
    ns, nt = len(source), len(target)
    pairs = min(ns, nt)
    a, b = (np.ascontiguousarray(side[:pairs].T) for side in (source, target))
    shares = (1 - mixture) / (ns - 1), mixture / (nt - 1)
    base = (shares[0] * (source.T @ source) + shares[1] * (target.T @ target)).astype(np.float64)
    totals = target.sum(axis=0, dtype=np.float64)
    found = []
    for ridge in ridges:
        inverse = linalg.inv(base + ridge * np.eye(len(base)))
        small = inverse.astype(source.dtype)
        Ba, Bb = small @ a, small @ b
        theta = _without_each(Ba, Bb, (inverse @ totals).astype(source.dtype), a, b, nt=nt, shares=shares)
        of_source, of_target = _dot(a, theta), _dot(b, theta)
        errors = mixture / 2 * of_target**2 + (1 - mixture) / 2 * of_source**2 - of_target
        found.append(float(errors.mean(dtype=np.float64)))
    return tuple(found)


def _without_each(
    Ba: Matrix, Bb: Matrix, Bh: Vector, a: Matrix, b: Matrix, *, nt: int, shares: tuple[float, float]
) -> Matrix:
    """Amplitudes (b, pairs) of the ratio without each pair: (B - U S U')^-1 (h - b_i)/(nt - 1), U = [a_i, b_i] and S
    the `shares`, by Woodbury's identity for two columns; Ba, Bb and Bh are B^-1 a, B^-1 b and B^-1 h."""
    s, t = shares
    theta = (Bh[:, None] - Bb) / (nt - 1)
    aa, ab, bb = 1 - s * _dot(a, Ba), _dot(a, Bb), 1 - t * _dot(b, Bb)
    of_a, of_b = s * _dot(a, theta), t * _dot(b, theta)
    determinant = aa * bb - s * t * ab**2
    theta += Ba * ((bb * of_a + s * ab * of_b) / determinant)
    if t:
        theta += Bb * ((aa * of_b + t * ab * of_a) / determinant)
    return np.maximum(theta, 0.0, out=theta)


def _dot(first: Matrix, second: Matrix) -> Vector:
    """The inner product of each column of two matrices."""
    return np.asarray(np.einsum("ij,ij->j", first, second))


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
        kernels = quick_kernels(Xs, Xt, self.centres_, [unit * width for width in self.bandwidths])
        errors: dict[tuple[float, float], float] = {}
        for width, (source, target) in zip(self.bandwidths, kernels, strict=True):
            of_ridges = leave_one_out_errors(source, target, ridges=self.ridges, mixture=self.mixture)
            errors |= {(width, ridge): error for ridge, error in zip(self.ridges, of_ridges, strict=True)}
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
