"""Structural correspondence: columns of both domains are tied by how they predict a few pivots (Blitzer, McDonald &
Pereira, EMNLP 2006)."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from scipy import linalg, sparse

from headstart.adaptation.adapter import FeatureAdapter, Step, stacked
from headstart.adaptation.domains import Domains
from headstart.adaptation.feature.hidden_units import beside
from headstart.arrays import Labels, Matrix, Vector
from headstart.errors import DataError

MOST_SIDE = 8000  # rows or columns, whichever are fewer
ITERATIONS = 4


def information(present: Any, codes: Labels, n_classes: int) -> Vector:
    """Mutual information in nats between each column being present (n, d), 0 or 1, and the class; (d,)."""
    n = len(codes)
    members = sparse.csr_matrix((np.ones(n), (codes, np.arange(n))), shape=(n_classes, n))
    joint = members @ present
    joint = (joint.toarray() if sparse.issparse(joint) else np.asarray(joint)) / n
    of_class = np.bincount(codes, minlength=n_classes)[:, None] / n
    total = np.zeros(joint.shape[1])
    for cell, of_value in ((joint, joint.sum(axis=0)), (of_class - joint, 1 - joint.sum(axis=0))):
        expected = of_class * of_value
        seen = (cell > 0) & (expected > 0)
        total += np.where(seen, cell * np.log(np.where(seen, cell, 1.0) / np.where(seen, expected, 1.0)), 0.0).sum(0)
    return total


def chosen_pivots(source: Any, target: Any, codes: Labels, n_classes: int, *, count: int, least: int) -> Labels:
    """The columns that tell most of the source's classes among those present in `least` rows of either side."""
    common = np.minimum(*(np.asarray(each.sum(axis=0)).ravel() for each in (source, target))) >= least
    scores = np.where(common, information(source, codes, n_classes), -1.0)
    best = np.argsort(-scores, kind="stable")[:count]
    return np.sort(best[scores[best] >= 0])


def correspondence(present: Any, pivots: Labels, *, dimensions: int, ridge: float, seed: int) -> Matrix:
    """θ (d, k): the leading left singular vectors of the weights that predict each pivot from all other columns.

    Ridge regressions share one matrix: weights = (X'X + ridge)^-1 X'P, rows of the pivots themselves 0, as a pivot must
    not be told by itself. It is factorised on its smaller side; beyond 8,000, within a random range (Halko et al.,
    2011).
    """
    n, d = present.shape
    others = np.ones(d)
    others[pivots] = 0.0
    X = present @ sparse.diags(others) if sparse.issparse(present) else present * others
    wanted = present[:, pivots].toarray() if sparse.issparse(present) else np.asarray(present[:, pivots])
    wanted = wanted - wanted.mean(axis=0)
    if min(n, d) > MOST_SIDE:
        weights = _within_a_range(X, wanted, rank=min(n, d, 4 * max(dimensions, len(pivots))), ridge=ridge, seed=seed)
    elif n <= d:
        weights = np.asarray(X.T @ _solved(X @ X.T, wanted, ridge))
    else:
        weights = _solved(X.T @ X, np.asarray(X.T @ wanted), ridge)
    left, values, _ = linalg.svd(weights, full_matrices=False)
    return np.asarray(left[:, : min(dimensions, int((values > 1e-12 * values[0]).sum()))])


def _solved(product: Any, wanted: Matrix, ridge: float) -> Matrix:
    """(product + ridge)^-1 wanted, for a dense or sparse product of rows."""
    square = product.toarray() if sparse.issparse(product) else product
    square[np.diag_indices_from(square)] += ridge
    return np.asarray(linalg.solve(square, wanted, assume_a="pos", overwrite_a=True, check_finite=False))


def _within_a_range(X: Any, wanted: Matrix, *, rank: int, ridge: float, seed: int) -> Matrix:
    rng = np.random.default_rng(seed)
    basis = linalg.qr(np.asarray(X.T @ rng.standard_normal((X.shape[0], rank))), mode="economic")[0]
    for _ in range(ITERATIONS):
        basis = linalg.qr(np.asarray(X.T @ np.asarray(X @ basis)), mode="economic")[0]
    Z = np.asarray(X @ basis)
    return np.asarray(basis @ _solved(Z.T @ Z, Z.T @ wanted, ridge))


class StructuralCorrespondence(FeatureAdapter):
    """The head sees each row and, beside it, where the row lies among the pivots' predictors.

    pivots      how many; each is present in at least `least` rows of both sides and tells of the source's classes
    dimensions  of the shared space. scale: length of its columns relative to the row itself
    ridge       of the predictors: large, as it is the pairs of words that count and not how they correct each other

    A column is present where it is above 0. Learned: pivots_ (columns), theta_ (d, k), scale_.
    """

    name: ClassVar[str] = "pivots"
    assumes: ClassVar[str] = "columns of one domain stand for those of the other: words"
    accepts_sparse: ClassVar[bool] = True

    def __init__(
        self, *, pivots: int = 200, dimensions: int = 50, scale: float = 1.0, least: int = 10, ridge: float = 1000.0,
        seed: int = 0, head: Any = None,
    ) -> None:  # fmt: skip
        self.pivots = pivots
        self.dimensions = dimensions
        self.scale = scale
        self.least = least
        self.ridge = ridge
        self.seed = seed
        self.head = head

    def _align(self, domains: Domains) -> tuple[Any, Any]:
        source, target = _present(domains.Xs), _present(domains.Xt)
        self.pivots_ = chosen_pivots(source, target, domains.ys, domains.n_classes, count=self.pivots, least=self.least)
        if not len(self.pivots_):
            raise DataError(
                f"no column is above 0 in at least {self.least} rows of both sides, so none can be a pivot; lower "
                "`least`, or take a method for features without zeros"
            )
        self.theta_ = correspondence(
            stacked(source, target), self.pivots_, dimensions=self.dimensions, ridge=self.ridge, seed=self.seed
        )
        shared = self._shared(domains.Xs)
        length = float(np.sqrt((shared**2).sum(axis=1).mean()))
        squares = domains.Xs.multiply(domains.Xs).sum() if sparse.issparse(domains.Xs) else (domains.Xs**2).sum()
        self.scale_ = self.scale * float(np.sqrt(squares / len(domains.ys))) / (length or 1.0)
        return self._features(domains.Xs), self._features(domains.Xt)

    def _shared(self, X: Any) -> Matrix:
        return np.asarray(_present(X) @ self.theta_)

    def _features(self, X: Any) -> Any:
        shared = self._shared(X) * self.scale_
        return beside(X, shared)

    def steps(self) -> tuple[Step, ...]:
        return (("present", self.theta_ * self.scale_),)


def _present(X: Any) -> Any:
    return (X > 0).astype(np.float64)
