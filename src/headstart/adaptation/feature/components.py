"""Directions of a kernel space that vary much while the domains' means coincide: the symmetric eigenproblem behind TCA,
its semi-supervised form and transfer joint matching."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import linalg

from headstart.arrays import Mask, Matrix, Vector
from headstart.errors import DataError

OVERSAMPLED = 20


@dataclass(frozen=True, eq=False)
class Components:
    """weights W (n, k), eigenvalues (k,), largest first; residual: |A w - λ B w| at most, relative to the largest λ, in
    the metric in which B is the identity."""

    weights: Matrix
    values: Vector
    residual: float


def mean_contrast(is_target: Mask) -> Vector:
    """e (n,) with e'z = mean of the source's z minus mean of the target's: ee' is the MMD matrix L."""
    return np.asarray(np.where(is_target, -1 / is_target.sum(), 1 / (~is_target).sum()), dtype=np.float64)


def transfer_components(
    product: Callable[[Matrix], Matrix],
    middle: Callable[[Matrix], Matrix],
    contrast: Vector,
    *,
    mu: float,
    components: int,
    penalties: Vector | None = None,
    tolerance: float = 1e-6,
    max_iter: int = 500,
    seed: int = 0,
) -> Components:
    """The leading W of K M K w = λ (G + mu K e e' K) w, with W'(G + mu K e e' K) W = I.

    product    V -> K V for the kernel matrix K (n, n); middle: V -> M V (centring, for TCA)
    penalties  the positive diagonal of G; None: ones

    With b = G^(-1/2) K e the right-hand side is G^(1/2) (I + mu b b') G^(1/2), whose inverse root is known in closed
    form: what remains is an ordinary symmetric problem, solved by block iteration with Rayleigh-Ritz.
    """
    n = len(contrast)
    refuse_unfit(components, mu)
    root = np.ones(n) if penalties is None else 1 / np.sqrt(penalties)
    b = root * product(contrast[:, None])[:, 0]
    length = float(np.linalg.norm(b))
    unit = b / length if length > 0 else b
    shrink = 1 - 1 / np.sqrt(1 + mu * length**2)

    def inverse_root(V: Matrix) -> Matrix:
        return root[:, None] * (V - shrink * np.outer(unit, unit @ V))

    def inverse_root_transposed(V: Matrix) -> Matrix:
        V = root[:, None] * V
        return np.asarray(V - shrink * np.outer(unit, unit @ V))

    def operator(V: Matrix) -> Matrix:
        return inverse_root_transposed(product(middle(product(inverse_root(V)))))

    values, vectors, residual = leading_pairs(
        operator, n, components, tolerance=tolerance, max_iter=max_iter, seed=seed
    )
    return Components(inverse_root(vectors), values, residual)


def smooth_components(
    K: Matrix, middle: Callable[[Matrix], Matrix], contrast: Vector, roughness: Any, *, mu: float, components: int
) -> Components:
    """The same where rough embeddings cost as distant means do: K M K w = λ (I + mu K (e e' + R) K) w.

    roughness  R (n, n), symmetric and not negative, dense or sparse. The right-hand side has no inverse in closed form
               any more: both sides are formed and solved whole, some n³ operations and 4 matrices of n².
    """
    refuse_unfit(components, mu)
    pulled = K @ contrast
    right = mu * (np.outer(pulled, pulled) + K @ (roughness @ K))
    right[np.diag_indices(len(right))] += 1.0
    values, weights, residual = dense_pairs(K @ middle(K), right, components)
    return Components(weights, values, residual)


def components_of_coordinates(
    Phi: Matrix, middle: Callable[[Matrix], Matrix], contrast: Vector, roughness: Any = None, *, mu: float,
    components: int,
) -> Components:  # fmt: skip
    """The same for K = Phi Phi' of few columns (n, m): `weights` are then those of the columns, Phi' W (m, k).

    W lies in the span of Phi, W = Phi S^(-1/2) U for S = Phi'Phi, which leaves a dense problem of size m for U.
    """
    refuse_unfit(components, mu)
    squares, axes = linalg.eigh(Phi.T @ Phi)
    root = (axes * np.sqrt(squares.clip(min=0.0))) @ axes.T
    spread = Phi @ root
    left, b = spread.T @ middle(spread), spread.T @ contrast
    right = np.eye(len(left)) + mu * np.outer(b, b)
    if roughness is not None:
        right += mu * spread.T @ (roughness @ spread)
    values, U, residual = dense_pairs(left, right, components)
    return Components(root @ U, values, residual)


def dense_pairs(left: Matrix, right: Matrix, components: int) -> tuple[Vector, Matrix, float]:
    """The leading eigenvalues (k,) and vectors (n, k) of left w = λ right w, and the residual left."""
    last = len(left) - 1
    first = max(0, len(left) - components)
    values, U = linalg.eigh((left + left.T) / 2, (right + right.T) / 2, subset_by_index=[first, last])
    kept = values[::-1] > 1e-12 * max(values[-1], 1e-300)
    kept[0] = True
    values, U = values[::-1][kept], U[:, ::-1][:, kept]
    errors = np.linalg.norm(linalg.solve_triangular(
        linalg.cholesky(right, lower=True), left @ U - right @ U * values, lower=True), axis=0)  # fmt: skip
    return values, U, float(errors.max() / max(values[0], 1e-300))


def refuse_unfit(components: int, mu: float) -> None:
    if components < 1 or mu < 0:
        raise DataError(f"components must be at least 1 and mu not negative, got {components} and {mu}")


def leading_pairs(
    operator: Callable[[Matrix], Matrix], n: int, count: int, *, tolerance: float, max_iter: int, seed: int
) -> tuple[Vector, Matrix, float]:
    """The leading eigenvalues (k,) and vectors (n, k) of a symmetric positive operator, and the residual left.

    Block iteration converges by the ratio to the first eigenvalue outside the block, hence the larger block.
    """
    width = min(n, 2 * count + OVERSAMPLED)
    V = linalg.qr(np.random.default_rng(seed).standard_normal((n, width)), mode="economic")[0]
    for _ in range(max_iter):
        image = operator(V)
        values, turn = linalg.eigh(V.T @ image)
        order = np.argsort(-values)
        values, turn = values[order], turn[:, order]
        V, image = V @ turn, image @ turn
        kept = min(count, int((values > 1e-12 * max(values[0], 1e-300)).sum()) or 1)
        errors = np.linalg.norm(image[:, :kept] - V[:, :kept] * values[:kept], axis=0)
        residual = float(errors.max() / max(values[0], 1e-300))
        if residual <= tolerance or width == n:
            break
        V = linalg.qr(image, mode="economic", overwrite_a=True)[0]
    return values[:kept], V[:, :kept], residual
