"""Features with their labels, beside what every metric derives from them: derived once, and only when asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
from scipy import sparse

from headstart.arrays import Labels, Matrix, Vector, same_length
from headstart.errors import DataError
from headstart.heads.discriminant import Discriminant
from headstart.heads.ridge_path import STEPS, RidgeProblem, loo_path, ridges_for
from headstart.heads.statistics import Statistics
from headstart.stats.covariance import ledoit_wolf_weight
from headstart.stats.spectrum import Spectrum


@dataclass(frozen=True, eq=False)
class LabelledFeatures:
    """One backbone's features of the target's labelled rows, all metrics sharing one eigendecomposition.

    statistics    the rows with their codes; beyond 20,000 rows their moments and a sample of 20,000
    source_proba  (m, Cs) what the source's own classifier answers for the kept rows, None where it has none
    source        labelled features of the source itself, None where there are none at hand
    seed          for the metrics that draw (projections, permutations)

    Classes without a row are left out: codes count those present. At least two classes and one class of two rows.
    """

    statistics: Statistics
    source_proba: Matrix | None = None
    source: LabelledFeatures | None = None
    seed: int = 0

    @classmethod
    def of(
        cls,
        X: Any,
        labels: Labels,
        *,
        source_proba: Matrix | None = None,
        source: LabelledFeatures | None = None,
        seed: int = 0,
    ) -> Self:
        """From X (n, d), dense or CSR, and labels (n,).

        Raises `DataError` for lengths that differ, values that are not finite, fewer than two classes, classes of one
        row each.
        """
        X = X.tocsr() if sparse.issparse(X) else np.asarray(X)
        same_length(range(X.shape[0]), labels, names=("X", "labels"))
        _check(X)
        statistics = Statistics.of(X, labels, keeps="scatter")
        if source_proba is not None:
            same_length(range(X.shape[0]), source_proba, names=("X", "source_proba"))
            if statistics.moments is not None:
                raise DataError(
                    f"{X.shape[0]:,} rows are summed up and sampled, so that `source_proba` no longer matches them; "
                    "take at most 20,000 rows for metrics that need the source's answers"
                )
            source_proba = np.asarray(source_proba, dtype=np.float64)
        return cls(_checked(statistics), source_proba, source, seed)

    @classmethod
    def streamed(cls, blocks: Iterable[tuple[Any, Labels]], *, seed: int = 0) -> Self:
        """From blocks of rows (b, d) with labels (b,), one after the other: memory O(d² + 20,000 d) however many.

        The scatter matrix and class means are exact; what is asked row by row (leave-one-out, neighbours) is asked on a
        uniform sample of 20,000. Any order and any blocks give the same.
        """
        total: Statistics | None = None
        for X, labels in blocks:
            same_length(range(X.shape[0]), labels, names=("X", "labels"))
            _check(X)
            noted = Statistics.of(X, labels, keeps="scatter")
            total = noted if total is None else (total + noted).reduced("scatter")
        if total is None:
            raise DataError("no rows to score: the stream of blocks was empty")
        return cls(_checked(total), seed=seed)

    @property
    def codes(self) -> Labels:
        """(m,) classes of the kept rows, counted from 0."""
        return self.statistics.codes

    @property
    def counts(self) -> Vector:
        """(C,) rows of each class, of all rows."""
        return self.statistics.counts

    @property
    def n_classes(self) -> int:
        return len(self.statistics.classes)

    @property
    def n(self) -> float:
        """All rows, those only summed up included."""
        return float(self.counts.sum())

    @cached_property
    def spectrum(self) -> Spectrum:
        return self.statistics.spectrum

    @cached_property
    def problem(self) -> RidgeProblem:
        """Regression on the class indicators."""
        return RidgeProblem.of_classes(self.statistics)

    @cached_property
    def ridge_path(self) -> tuple[Vector, Vector, Vector]:
        """Penalties, leave-one-out accuracy and squared error per row at each (17,)."""
        ridges = ridges_for(self.spectrum, None, STEPS)
        return ridges, *loo_path(self.problem, ridges, self.codes)

    @cached_property
    def discriminant(self) -> Discriminant:
        return Discriminant(self.problem, self.codes, self.counts, np.ones(self.n_classes))

    @cached_property
    def width(self) -> int:
        """Columns that are not constant: columns of zeros beside the others change no metric."""
        X = self.statistics.X
        if sparse.issparse(X):
            low, high = (np.asarray(getattr(X, end)(axis=0).todense()).ravel() for end in ("min", "max"))
        else:
            low, high = X.min(axis=0), X.max(axis=0)
        return max(int((high > low).sum()), 1)

    @cached_property
    def shrinkage(self) -> float:
        """Ledoit & Wolf's weight of the identity in the covariance of all rows, in [0, 1]."""
        spectrum = self.spectrum
        values = spectrum.values
        lengths = (spectrum.vectors**2 @ values) / spectrum.root_weights**2
        return ledoit_wolf_weight(
            float((values**2).sum()) / self.n**2, float(values.sum()) / self.n, float((lengths**2).mean()),
            n=self.n, d=self.width,
        )  # fmt: skip

    @cached_property
    def unit_coordinates(self) -> Matrix:
        """The kept rows, centred, in the basis of their principal directions and scaled to mean squared length 1;
        (m, r). Shifts, rotations, scale and constant columns of the features are gone."""
        rows = np.asarray(self.spectrum.coordinates, dtype=np.float64)
        length = float((rows**2).sum()) / max(len(rows), 1)
        return rows / np.sqrt(length) if length > 0 else rows

    @property
    def rng(self) -> np.random.Generator:
        return np.random.default_rng(self.seed)


def _check(X: Any) -> None:
    values = X.data if sparse.issparse(X) else X
    if X.ndim != 2 or 0 in X.shape:
        raise DataError(f"features must be a matrix with rows and columns, got shape {X.shape}")
    if not np.isfinite(values).all():
        raise DataError("features hold NaN or infinity; leave those rows out (preflight does)")


def _checked(statistics: Statistics) -> Statistics:
    counts = statistics.counts
    if len(counts) < 2:
        raise DataError(f"all {int(counts.sum())} labelled rows are of one class; there is nothing to tell apart")
    if counts.max() < 2:
        raise DataError(
            f"each of the {len(counts)} classes has one row: nothing is left to learn from once it is held out; "
            "label at least two rows of each class"
        )
    return statistics
