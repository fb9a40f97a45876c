"""Co-optimal transport: rows and columns are coupled at once, so that values meet like values (Redko, Vayer, Flamary &
Courty, NeurIPS 2020)."""

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


def co_optimal_plan(
    Xs: Matrix, Xt: Matrix, costs: Matrix, column_costs: Matrix, start: Matrix, *, max_iter: int
) -> tuple[Coupling, Matrix, float]:
    """Plans of rows (n, m) and of columns (ds, dt), and the loss, of min Σ (Xs_ik - Xt_jl)² rows_ij columns_kl +
    <rows, costs> + <columns, column_costs>, each in turn the best for the other, from the columns' plan `start`.

    gap: what the best plan of rows would still gain beside these columns.
    """
    solve = require("ot.coot", extra="transport").co_optimal_transport
    a, b = even_masses(costs)
    begun = {
        "pi_sample": np.outer(a, b), "pi_feature": start, "duals_sample": tuple(map(np.zeros_like, (a, b))),
        "duals_feature": tuple(map(np.zeros, start.shape)),
    }  # fmt: skip
    rows, columns = solve(
        Xs, Xt, alpha=1.0, M_samp=costs, M_feat=column_costs, warmstart=begun, nits_bcd=max_iter, nits_ot=PIVOTS,
        tol_bcd=1e-12, early_stopping_tol=1e-12,
    )  # fmt: skip
    slope = (Xs**2).mean(axis=1)[:, None] + (Xt**2).mean(axis=1) - 2 * Xs @ columns @ Xt.T + costs
    loss = float((slope * rows).sum())
    ahead = exact_plan(slope - slope.min(), a, b, max_iter=PIVOTS).plan.toarray()
    gap = max(0.0, loss - float((slope * ahead).sum()))
    return Coupling(rows, gap), columns, loss + float((column_costs * columns).sum())


class CoOptimalTransport(AcrossSpaces):
    """For source and target whose columns measure alike things under other names, in another order or number. Needs POT
    (`pip install 'headstart[transport]'`). Values are compared, each side's brought to mean 0 and deviation 1 as a
    whole: columns in units of their own want scaling first, and a side that was turned (principal components, another
    network) has no columns to be found: take `gromov_transport`.

    Columns that hold the same values in other classes are exchanged as easily as kept. Labels known in the target
    settle it: columns then also meet by their means in each class. Starts: no preference; columns with like values
    (quantiles); where the widths agree, each column its own; where labels are known, what they say by themselves.
    Learned beside the rest: columns_ (ds, dt), what share of the mass joins each pair of columns.
    """

    name: ClassVar[str] = "co_optimal_transport"

    def __init__(
        self, *, tolerance: float = 1e-6, max_iter: int = 100, most_rows: int = 1000, seed: int = 0, head: Any = None
    ) -> None:
        self.tolerance = tolerance
        self.max_iter = max_iter
        self.most_rows = most_rows
        self.seed = seed
        self.head = head

    def _couplings(self, domains: Domains) -> dict[str, tuple[Coupling, float]]:
        Xs, Xt = standardised(domains.Xs), standardised(domains.Xt)
        likeness = {"values": squared_distances(*(np.quantile(each, LEVELS, axis=0).T for each in (Xs, Xt)))}
        costs, column_costs = other_class_costs(domains.ys, domains.yt), np.zeros_like(likeness["values"])
        told = told_classes(domains)
        if len(told):
            column_costs = squared_distances(class_means(Xs, domains.ys, told), class_means(Xt, domains.yt, told))
            likeness["labels"] = column_costs
        starts, (ds, dt) = starts_from(likeness), column_costs.shape
        if ds == dt:
            starts["columns"] = np.eye(ds) / ds
        found = {
            name: co_optimal_plan(Xs, Xt, costs, column_costs, start, max_iter=self.max_iter)
            for name, start in starts.items()
        }
        self.columns_ = min(found.values(), key=lambda each: each[2])[1]
        return {name: (coupling, loss) for name, (coupling, _, loss) in found.items()}


def class_means(X: Matrix, codes: Labels, classes: Labels) -> Matrix:
    """Each column's mean over the rows known to be of each class, (d, C)."""
    return np.stack([X[codes == code].mean(axis=0) for code in classes], axis=1)


def standardised(X: Matrix) -> Matrix:
    """All values together of mean 0 and deviation 1 (0 where all are equal)."""
    X = X.astype(np.float64) - X.mean(dtype=np.float64)
    return np.asarray(X / (X.std() or 1.0))
