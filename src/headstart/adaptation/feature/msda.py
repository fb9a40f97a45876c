"""Marginalised stacked denoising autoencoders (Chen, Xu, Weinberger & Sha, ICML 2012): each layer restores columns from
corrupted ones, in closed form, the corruption averaged over and not drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy import linalg, sparse

from headstart.adaptation.adapter import FeatureAdapter, Step, stacked
from headstart.adaptation.domains import Domains
from headstart.adaptation.feature.hidden_units import beside, counts_of, presence
from headstart.arrays import Labels, Matrix, Vector
from headstart.errors import DataError
from headstart.stats.sparse_products import column_products, row_products

MOST_SIDE = 12_000  # rows or columns, whichever are fewer: their square is factorised


@dataclass(frozen=True, eq=False)
class Restoration:
    """x -> tanh(x @ weights + bias), weights (d, r) for the r columns that are restored."""

    weights: Matrix
    bias: Vector

    def __call__(self, X: Any) -> Matrix:
        return np.asarray(np.tanh(np.asarray(X @ self.weights) + self.bias))


def restoration(X: Any, restored: Labels, *, noise: float) -> Restoration:
    """The linear map that best restores columns `restored` of X (n, d) after every entry was dropped with probability
    `noise`, with an intercept that is never dropped; eq. 3-5, dense or CSR.

    W = q S (q² S + q(1 - q) D)^-1 for the scatter S about the mean, D the columns' squares and q = 1 - noise. With
    A = centred X D^(-1/2) it is a ridge regression, solved on the smaller side of A.
    """
    n, d = X.shape
    kept = 1 - noise
    mean = np.asarray(X.mean(axis=0)).ravel()
    squares = np.asarray(X.multiply(X).sum(axis=0)).ravel() if sparse.issparse(X) else np.einsum("nd,nd->d", X, X)
    scale = np.where(squares > 0, 1 / np.sqrt(np.where(squares > 0, squares, 1.0)), 0.0)
    if min(n, d) > MOST_SIDE:
        raise DataError(
            f"a layer factorises {min(n, d):,}² numbers for {n:,} rows and {d:,} columns (limit {MOST_SIDE:,}²); take "
            "fewer rows of both sides, or fewer columns"
        )
    wanted = _columns(X, restored) - mean[restored]
    ridge = noise / kept
    scaled = X @ sparse.diags(scale) if sparse.issparse(X) else X * scale
    if n <= d:
        dual = linalg.solve(_gram(scaled, mean * scale) + ridge * np.eye(n), wanted, assume_a="pos") / kept
        weights = np.asarray(scaled.T @ dual)
        summed = dual.sum(axis=0)
        for part in np.array_split(np.arange(d), 1 + d // 4096):  # in place: this is the largest matrix of all
            weights[part] = scale[part, None] * (weights[part] - np.outer((mean * scale)[part], summed))
    else:
        centre = mean * scale
        product = column_products(scaled) if sparse.issparse(scaled) else scaled.T @ scaled
        product -= n * np.outer(centre, centre)
        cross = np.asarray(scaled.T @ wanted) - np.outer(centre, wanted.sum(axis=0))
        solved = linalg.solve(product + ridge * np.eye(d), cross, assume_a="pos")
        weights = scale[:, None] * solved / kept
    return Restoration(weights, mean[restored] - kept * (mean @ weights))


def restored_rows(X: Any, layers: Sequence[Restoration]) -> Any:
    """The rows and, beside them, what each layer makes of them (n, d + k), CSR for CSR."""
    blocks: list[Matrix] = []
    for layer in layers:
        blocks.append(layer(blocks[-1] if blocks else X))
    return beside(X, np.hstack(blocks))


def _columns(X: Any, chosen: Labels) -> Matrix:
    return np.asarray(X[:, chosen].toarray() if sparse.issparse(X) else X[:, chosen])


def _gram(X: Any, mean: Vector) -> Matrix:
    product = row_products(X) if sparse.issparse(X) else X @ X.T
    crossed = np.asarray(X @ mean)
    product -= crossed[:, None] - mean @ mean
    product -= crossed
    return np.asarray(product)


class StackedDenoising(FeatureAdapter):
    """noise: the probability of dropping an entry. layers: how often the restored columns are restored again.

    width  how many of the most frequent columns the first layer restores: what makes thousands of words affordable
    inputs how many of the most frequent columns it looks at to do so
    binary look only at whether an entry is 0, the right thing for counts and tf-idf of words; None: for sparse
           rows that are mostly 0 and nowhere negative

    The head sees the input and all layers' outputs side by side, as in the paper. Learned: layers_, columns_ (the
    inputs), binary_.
    """

    name: ClassVar[str] = "msda"
    assumes: ClassVar[str] = "columns come and go between the domains, and what they go with stays"
    accepts_sparse: ClassVar[bool] = True

    def __init__(
        self, *, noise: float = 0.7, layers: int = 2, width: int = 2000, inputs: int = 30_000,
        binary: bool | None = None, head: Any = None,
    ) -> None:  # fmt: skip
        self.noise = noise
        self.layers = layers
        self.width = width
        self.inputs = inputs
        self.binary = binary
        self.head = head

    def _align(self, domains: Domains) -> tuple[Any, Any]:
        if not 0 < self.noise < 1 or min(self.layers, self.width, self.inputs) < 1:
            raise DataError(
                f"noise lies in (0, 1), layers, width and inputs are at least 1; got {self.noise}, {self.layers}, "
                f"{self.width} and {self.inputs}"
            )
        X = stacked(domains.Xs, domains.Xt)
        # settled here: rows that come later may be dense where these are sparse, and mean the same
        self.binary_ = counts_of(X) if self.binary is None else self.binary
        used = np.asarray((X != 0).sum(axis=0)).ravel()
        self.columns_: Labels = np.sort(np.argsort(-used, kind="stable")[: self.inputs])
        X = self._prepared(X)
        used = used[self.columns_]
        restored = np.sort(np.argsort(-used, kind="stable")[: self.width])
        self.layers_: list[Restoration] = []
        hidden: list[Any] = [X]
        for _ in range(self.layers):
            self.layers_.append(restoration(hidden[-1], restored, noise=self.noise))
            hidden.append(self.layers_[-1](hidden[-1]))
            restored = np.arange(hidden[-1].shape[1])
        ns = domains.Xs.shape[0]
        Zs = beside(X[:ns], np.hstack([block[:ns] for block in hidden[1:]]))
        return Zs, self._features(domains.Xt) if domains.known.any() else domains.Xt  # which nobody reads then

    def _prepared(self, X: Any) -> Any:
        X = X[:, self.columns_] if len(self.columns_) < X.shape[1] else X
        return presence(X, self.binary_)

    def _features(self, X: Any) -> Any:
        return restored_rows(self._prepared(X), self.layers_)

    def steps(self) -> tuple[Step, ...]:
        layers = tuple((layer.weights, layer.bias) for layer in self.layers_)
        picked: tuple[Step, ...] = (("columns", self.columns_),) if len(self.columns_) < self.n_features_in_ else ()
        return (*picked, ("denoise", self.binary_, layers))
