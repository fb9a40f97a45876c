"""Gromov-Wasserstein transport: distances within the source meet like distances within the target (Mémoli, Foundations
of Computational Mathematics 2011; Peyré, Cuturi & Solomon, ICML 2016; with known labels, fused as in Vayer et al., ICML
2019)."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from headstart.adaptation.domains import Domains
from headstart.adaptation.transport.across import (
    LEVELS,
    PIVOTS,
    AcrossSpaces,
    other_class_costs,
    starts_from,
    told_classes,
)
from headstart.adaptation.transport.entropic import even_masses
from headstart.adaptation.transport.planned import Coupling
from headstart.adaptation.transport.simplex import exact_plan
from headstart.arrays import Labels, Matrix
from headstart.registry import require
from headstart.stats.kernels import squared_distances


def gromov_plan(
    first: Matrix, second: Matrix, costs: Matrix, start: Matrix, *, max_iter: int
) -> tuple[Coupling, float]:
    """A stationary plan, and its loss, of min <plan, costs> + Σ (first_ik - second_jl)² plan_ij plan_kl.

    first (n, n), second (m, m) distances; costs and start (n, m). gap: what the best plan would gain by the slope there
    (Frank & Wolfe), 0 where the plan is stationary. With Euclidean distances the problem is concave: it ends in a
    corner, whichever is near the start.
    """
    solve = require("ot.gromov", extra="transport").fused_gromov_wasserstein
    a, b = even_masses(costs)
    plan = solve(
        costs, first, second, a, b, symmetric=True, alpha=0.5, G0=start, max_iter=max_iter, tol_rel=1e-12,
        tol_abs=1e-12, numItermaxEmd=PIVOTS,
    )  # fmt: skip
    crossed = first @ plan @ second
    constant = float(a @ first**2 @ a + b @ second**2 @ b)
    loss = float((costs * plan).sum()) + constant - 2 * float((crossed * plan).sum())
    slope = costs - 4 * crossed  # but for what is the same for all plans
    slope -= slope.min()
    ahead = exact_plan(slope, a, b, max_iter=PIVOTS).plan.toarray()
    return Coupling(plan, max(0.0, float((slope * (plan - ahead)).sum()))), loss


def distances(X: Matrix) -> Matrix:
    """Distances between rows (n, n), of mean 1."""
    X = X.astype(np.float64)
    found = np.sqrt(squared_distances(X - X.mean(axis=0), X - X.mean(axis=0)))
    np.fill_diagonal(found, 0.0)
    return np.asarray(found / (found.mean() or 1.0))


class GromovTransport(AcrossSpaces):
    """For source and target in spaces of other columns, and other widths. Needs POT (`pip install
    'headstart[transport]'`). Only distances between rows count, each side's divided by their mean: turned, mirrored,
    moved and scaled copies are one and the same, so classes that lie evenly (all pairs equally far, equally wide) are
    told apart by nothing but labels known in the target; and all mass travels, so that classes in other proportions are
    exchanged for those of like size. With labels (two a class may do) rows also meet by their mean distances to the
    known rows of each class.

    Starts: no preference; rows with like distances to all others (Mémoli's third lower bound); where the widths agree,
    transport between the rows as they are; where target labels are known, what they say by themselves. Time grows with
    the cube of the rows coupled, memory with the square.
    """

    name: ClassVar[str] = "gromov_transport"

    def __init__(
        self, *, tolerance: float = 1e-6, max_iter: int = 1000, most_rows: int = 1000, seed: int = 0, head: Any = None
    ) -> None:
        self.tolerance = tolerance
        self.max_iter = max_iter
        self.most_rows = most_rows
        self.seed = seed
        self.head = head

    def _couplings(self, domains: Domains) -> dict[str, tuple[Coupling, float]]:
        first, second = distances(domains.Xs), distances(domains.Xt)
        likeness = {"distances": squared_distances(*(np.quantile(each, LEVELS, axis=1).T for each in (first, second)))}
        costs = other_class_costs(domains.ys, domains.yt)
        if domains.Xs.shape[1] == domains.Xt.shape[1]:
            centre = domains.Xt.mean(axis=0, dtype=np.float64)
            likeness["columns"] = squared_distances(domains.Xs - centre, domains.Xt - centre)
        told = told_classes(domains)
        if len(told):
            costs += squared_distances(to_classes(first, domains.ys, told), to_classes(second, domains.yt, told))
            likeness["labels"] = costs
        return {
            name: gromov_plan(first, second, costs, start, max_iter=self.max_iter)
            for name, start in starts_from(likeness).items()
        }


def to_classes(distances: Matrix, codes: Labels, classes: Labels) -> Matrix:
    """Each row's mean distance to the rows known to be of each class, (n, C)."""
    return np.stack([distances[:, codes == code].mean(axis=1) for code in classes], axis=1)
