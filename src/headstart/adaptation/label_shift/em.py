"""EM for the target's prior (Saerens, Latinne & Decaestecker, Neural Computation 2002), calibrated first (MLLS)."""

from __future__ import annotations

from typing import Any, ClassVar

from headstart.adaptation.convergence import note_gap
from headstart.adaptation.label_shift.prior_adapter import PriorAdapter
from headstart.arrays import Labels, Matrix, Vector
from headstart.stats.mixture import mixture_proportions


class EMPrior(PriorAdapter):
    """The prior q that makes the target rows most likely: max Σ_j log Σ_y q_y p(y|x_j) / p_source(y), which is concave.

    folds  of the source, for calibration

    Learned beside `PriorAdapter`'s: gap_ (nats per row that the likelihood could still gain at most), converged_.
    """

    name: ClassVar[str] = "em_prior"

    def __init__(
        self, *, folds: int = 5, tolerance: float = 1e-6, max_iter: int = 5000, seed: int = 0, head: Any = None
    ) -> None:
        self.folds = folds
        self.tolerance = tolerance
        self.max_iter = max_iter
        self.seed = seed
        self.head = head

    def _shares(self, source: Matrix, y: Labels, target: Matrix) -> Vector:
        found = mixture_proportions(target / self.source_prior_, tolerance=self.tolerance, max_iter=self.max_iter)
        note_gap(self, found.gap, self.tolerance, meaning="what the likelihood could still gain, per row,")
        return found.shares
