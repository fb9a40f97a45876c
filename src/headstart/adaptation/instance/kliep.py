"""KLIEP: the density ratio under which the target rows are most likely (Sugiyama et al., NeurIPS 2008).

With the constraint written into the basis, its concave program is one of mixture proportions (`stats.mixture`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from headstart.adaptation.convergence import note_gap
from headstart.adaptation.domains import Domains
from headstart.adaptation.instance.instance_adapter import InstanceAdapter
from headstart.adaptation.instance.kmm import sum_of_kernels
from headstart.arrays import Mask, Matrix, Vector
from headstart.errors import DataError
from headstart.stats.kernels import median_bandwidth, rbf, squared_distances
from headstart.stats.mixture import mixture_proportions

BANDWIDTHS = (0.25, 0.5, 1.0, 2.0)
ENOUGH = 500  # rows held out
NEAR = 3e-3  # nats per row that a fit may lack while bandwidths are compared: they differ by far more, or do not matter


@dataclass(frozen=True, eq=False)
class Ratio:
    """r(x) = Σ_b amplitudes_b k(x, centres_b); `gap`: nats per target row that its likelihood could still gain."""

    centres: Matrix
    bandwidth: float
    amplitudes: Vector
    gap: float

    def __call__(self, X: Matrix) -> Vector:
        return np.asarray(rbf(X, self.centres, self.bandwidth) @ self.amplitudes)


def kliep_ratio(
    source: Matrix, target: Matrix, centres: Matrix, bandwidth: float, *, tolerance: float = 1e-5, max_iter: int = 2000
) -> Ratio:
    """argmax Σ_j log r(xt_j) subject to mean_i r(xs_i) = 1 and amplitudes >= 0; eq. 8-10."""
    heights = heights_of(sum_of_kernels(centres, source, bandwidth) / len(source))
    found = amplitudes(rbf(target, centres, bandwidth), heights, tolerance=tolerance, max_iter=max_iter)
    return Ratio(centres, bandwidth, *found)


def heights_of(means: Vector) -> Vector:
    """What each bump is over the source on average (b,), not quite 0 for one that no source row is near."""
    return np.maximum(means, 1e-6 * max(float(means.max()), 1e-300))


def amplitudes(kernels: Matrix, heights: Vector, *, tolerance: float, max_iter: int) -> tuple[Vector, float]:
    """Of each bump (b,), and the gap, from kernel values (nt, b) at the target's rows."""
    densities = kernels / (heights / heights.max()).astype(kernels.dtype)  # in whatever unit
    reached = densities.max(axis=1) > 0
    if not reached.any():
        return 1 / heights / len(heights), 0.0
    densities = densities if reached.all() else densities[reached]
    found = mixture_proportions(densities, tolerance=tolerance, max_iter=max_iter)
    return found.shares / heights, found.gap


def held_out_log_ratio(of_source: Matrix, of_target: Matrix, held: Mask) -> Vector:
    """The log ratio at target rows that the fit did not see, from kernel values (ns, b) and (nt, b)."""
    heights = heights_of(of_source.mean(axis=0, dtype=np.float64))
    found, _ = amplitudes(of_target[~held], heights, tolerance=NEAR, max_iter=100)
    return np.asarray(np.log((of_target[held] @ found).clip(min=1e-12)))


def likeliest(kernels: Sequence[tuple[Matrix, Matrix]], *, folds: int, rng: np.random.Generator) -> int:
    """Which of the kernels, as values (ns, b) and (nt, b), gives held-out target rows the highest log ratio on average.

    A race (Maron & Moore, NeurIPS 1993): after each fold those drop out that are behind the leader on the same rows by
    more than three standard errors. The first few folds suffice once they hold 500 rows.
    """
    n = len(kernels[0][1])
    fold_of, running = rng.permutation(n) % folds, list(range(len(kernels)))
    scores = {each: np.zeros(0) for each in running}
    for fold in range(min(folds, -(-ENOUGH * folds // n))):
        if len(running) > 1:
            for each in running:
                scores[each] = np.append(scores[each], held_out_log_ratio(*kernels[each], fold_of == fold))
            leader = scores[max(running, key=lambda each: scores[each].mean())]
            running = [each for each in running if not behind(scores[each] - leader)]
    return max(running, key=lambda each: scores[each].mean())


def behind(differences: Vector) -> bool:
    """Whether their mean lies more than three standard errors below 0."""
    return float(differences.mean()) < -3 * float(differences.std()) / np.sqrt(len(differences))


class KLIEP(InstanceAdapter):
    """bandwidths: to choose from by held-out likelihood, in multiples of the median distance. centres: how many target
    rows carry a kernel.

    Learned: ratio_ (a `Ratio`), bandwidth_, gap_, converged_, and `InstanceAdapter`'s.
    """

    name: ClassVar[str] = "kliep"

    def __init__(
        self, *, bandwidths: Sequence[float] = BANDWIDTHS, centres: int = 100, folds: int = 5,
        least_effective: float = 0.1, tolerance: float = 1e-4, max_iter: int = 3000, seed: int = 0, head: Any = None,
    ) -> None:  # fmt: skip
        self.bandwidths = bandwidths
        self.centres = centres
        self.folds = folds
        self.least_effective = least_effective
        self.tolerance = tolerance
        self.max_iter = max_iter
        self.seed = seed
        self.head = head

    def _ratio(self, domains: Domains) -> Vector:
        rng = np.random.default_rng(self.seed)
        Xs, Xt = domains.Xs, domains.Xt
        centres, unit = kernel_basis(Xs, Xt, self.centres, rng)
        widths = [unit * each for each in self.bandwidths]
        folds = min(self.folds, len(Xt))
        best = widths[0]
        if len(widths) > 1:
            best = widths[likeliest(list(quick_kernels(Xs, Xt, centres, widths)), folds=folds, rng=rng)]
        self.bandwidth_ = best
        self.ratio_ = kliep_ratio(Xs, Xt, centres, best, tolerance=self.tolerance, max_iter=self.max_iter)
        note_gap(self, self.ratio_.gap, self.tolerance, meaning="what the likelihood could still gain, per row,")
        return self.ratio_(Xs)


def quick_kernels(Xs: Matrix, Xt: Matrix, centres: Matrix, widths: Iterable[float]) -> Iterator[tuple[Matrix, Matrix]]:
    """The Gaussian kernels of both sides with the centres, for one width after the other, from distances computed once:
    in single precision, which is plenty to choose a width by."""
    middle = centres.mean(axis=0)
    small = (centres - middle).astype(np.float32)
    away = [squared_distances((X - middle).astype(np.float32), small) for X in (Xs, Xt)]
    for width in widths:
        source, target = (np.exp(each * np.float32(-0.5 / width**2)) for each in away)
        yield source, target


def kernel_basis(Xs: Matrix, Xt: Matrix, centres: int, rng: np.random.Generator) -> tuple[Matrix, float]:
    """Some target rows (b, d) to put kernels on, and the median distance between rows of both sides."""
    if centres < 1:
        raise DataError(f"centres must be at least 1, got {centres}")
    chosen = Xt if len(Xt) <= centres else Xt[rng.choice(len(Xt), centres, replace=False)]
    some = [X[rng.choice(len(X), min(len(X), 250), replace=False)] for X in (Xs, Xt)]
    return chosen, median_bandwidth(np.concatenate(some), rng=rng)
