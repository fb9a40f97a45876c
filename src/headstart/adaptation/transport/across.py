"""What methods share that carry source rows into a space of other columns: each lands at the mean of the target rows
that a coupling sends it to, others where their nearest coupled row did."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from headstart.adaptation.adapter import FeatureAdapter, Step
from headstart.adaptation.convergence import note_gap
from headstart.adaptation.domains import Domains, as_given, as_rows
from headstart.adaptation.transport.entropic import drawn, even_masses
from headstart.adaptation.transport.planned import Coupling
from headstart.adaptation.transport.simplex import exact_plan
from headstart.arrays import Labels, Matrix
from headstart.errors import DataError
from headstart.stats.kernels import squared_distances

BLOCK = 1024
LEVELS = np.linspace(0.0, 1.0, 51)  # quantiles by which rows, or columns, of two spaces are likened
PIVOTS = 1_000_000  # of the network simplex
OTHER_CLASS = 10.0  # squared typical distances that it costs to send a row to one known to be of another class


class AcrossSpaces(FeatureAdapter):
    """Subclasses write `_couplings`. Nothing tells one space's columns by the other's, so a coupling is found from
    several starts, and the one of least loss is kept; which class is which stays open wherever the rows look the same
    with two classes exchanged. Labels known in the target settle it.

    Of more than `most_rows` rows of either side so many are drawn (`seed`; target rows of known label stay); source
    rows that were not drawn land where the nearest drawn one did. Target rows stay as they are. Learned: gap_,
    converged_, losses_ (start -> loss of what it led to: two nearly equal ones warn of an exchange), anchors_, places_.
    """

    assumes: ClassVar[str] = "covariate shift between two spaces: other columns, the same shape of the classes in them"
    same_features: ClassVar[bool] = False

    tolerance: float
    most_rows: int
    seed: int

    def transform_source(self, X: Any) -> Any:
        """Source rows (n, ds) carried into the target's space (n, dt)."""
        given, X = X, as_rows(X, accepts_sparse=False, method=self.name, name="X")
        if X.shape[1] != self.anchors_.shape[1]:
            raise DataError(f"X has {X.shape[1]} columns, the source of {self.name} had {self.anchors_.shape[1]}")
        blocks = (X[start : start + BLOCK] for start in range(0, len(X), BLOCK))
        nearest = [squared_distances(block, self.anchors_).argmin(axis=1) for block in blocks]
        return as_given(self.places_[np.concatenate(nearest)], given)

    def _align(self, domains: Domains) -> tuple[Matrix, Matrix]:
        if self.most_rows < 2:
            raise DataError(f"most_rows is at least 2, got {self.most_rows}")
        too_many = max(len(domains.Xs), len(domains.Xt)) > self.most_rows
        rows = drawn(domains, self.most_rows, seed=self.seed) if too_many else domains
        found = self._couplings(rows)
        self.losses_ = {start: loss for start, (_, loss) in found.items()}
        best = found[min(self.losses_, key=lambda start: self.losses_[start])][0]
        note_gap(self, best.gap, self.tolerance, meaning="what one more step would still gain")
        places = best.plan @ rows.Xt / best.plan.sum(axis=1, keepdims=True)
        self.anchors_, self.places_ = rows.Xs, np.asarray(places, dtype=rows.Xt.dtype)
        return self.transform_source(domains.Xs) if too_many else self.places_, domains.Xt

    @abstractmethod
    def _couplings(self, domains: Domains) -> dict[str, tuple[Coupling, float]]:
        """What each start leads to, and its loss."""

    def _features(self, X: Any) -> Any:
        return X

    def steps(self) -> tuple[Step, ...]:
        return ()


def other_class_costs(ys: Labels, yt: Labels) -> Matrix:
    """(n, m): `OTHER_CLASS` where a target row is known to be of another class than the source row, else 0."""
    return np.where((yt >= 0) & (ys[:, None] != yt), OTHER_CLASS, 0.0)


def told_classes(domains: Domains) -> Labels:
    """Codes that some target row is known to have, and some source row has (a rare one may not have been drawn)."""
    return np.intersect1d(domains.ys, domains.yt[domains.known])


def starts_from(likeness: Mapping[str, Matrix]) -> dict[str, Matrix]:
    """A plan for each kind of likeness (costs, all of one shape) taken by itself, and one without preference."""
    a, b = even_masses(next(iter(likeness.values())))
    starts = {name: exact_plan(each, a, b, max_iter=PIVOTS).plan.toarray() for name, each in likeness.items()}
    return {**starts, "even": np.outer(a, b)}
