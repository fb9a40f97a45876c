"""LogME and H-score as the transfer-learning library tllib computes them (`tllib.ranking`), which is not on PyPI.

Written anew from the published algorithms for this benchmark alone: the singular value decomposition of F'F for LogME's
fixed-point iteration, the pseudo-inverse of the covariance for the H-score. Where `tllib` is installed, it is used.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.floating]


def tllib_name() -> str:
    """What `tllib_scores` runs."""
    try:
        import tllib.ranking  # noqa: F401
    except ImportError:
        return "tllib's LogME + H-score (as published, rewritten)"
    return "tllib's LogME + H-score"


def tllib_scores(X: Matrix, y: NDArray[np.integer]) -> tuple[float, float]:
    """LogME and H-score of rows (n, d) with codes (n,)."""
    try:
        from tllib.ranking import h_score, log_maximum_evidence
    except ImportError:
        return log_maximum_evidence_as_published(X, y), h_score_as_published(X, y)
    return log_maximum_evidence(X, y), h_score(X, y)


def log_maximum_evidence_as_published(X: Matrix, y: NDArray[np.integer]) -> float:
    """Alg. 1 of You et al. (ICML 2021): one SVD, then fixed-point steps for the two precisions of each class."""
    X = X.astype(np.float64)
    V, values, Vh = np.linalg.svd(X.T @ X, full_matrices=True)
    return float(np.mean([_evidence(X, (y == code).astype(np.float64), V, values, Vh) for code in np.unique(y)]))


def _evidence(X: Matrix, target: Matrix, V: Matrix, values: Matrix, Vh: Matrix) -> float:
    n, d = X.shape
    alpha = beta = ratio = 1.0
    projected = Vh @ (X.T @ target)
    for _ in range(11):
        gamma = (values / (values + ratio)).sum()
        weights = V @ (projected * beta / (alpha + beta * values))
        length, error = float(weights @ weights), float(((target - X @ weights) ** 2).sum())
        alpha, beta = gamma / length, (n - gamma) / error
        if abs(alpha / beta - ratio) / ratio < 0.01:
            break
        ratio = alpha / beta
    evidence = d / 2 * np.log(alpha) + n / 2 * np.log(beta) - 0.5 * np.log(alpha + beta * values).sum()
    return float(evidence - beta / 2 * error - alpha / 2 * length - n / 2 * np.log(2 * np.pi)) / n


def fixed_point_logme_as_published(X: Matrix, y: NDArray[np.integer]) -> float:
    """The faster fixed point of You et al. (JMLR 2022), as its published code has it: of the determinant, the D - k
    directions beyond the rank k are left out, so that with fewer rows than columns the width decides."""
    X = X.astype(np.float64)
    U, roots, _ = np.linalg.svd(X, full_matrices=False)
    return float(np.mean([_fixed_point(X.shape, U, roots**2, (y == code).astype(np.float64)) for code in np.unique(y)]))


def _fixed_point(shape: tuple[int, int], U: Matrix, squares: Matrix, target: Matrix) -> float:
    n, d = shape
    along = (U.T @ target) ** 2
    beyond = float(target @ target - along.sum())
    alpha = beta = 1.0
    evidence = 0.0
    for _ in range(11):
        ratio = alpha / beta
        gamma = (squares / (squares + ratio)).sum()
        length = float((squares * along / (ratio + squares) ** 2).sum())
        error = float((along / (1 + squares / ratio) ** 2).sum()) + beyond
        alpha, beta = gamma / (length + 1e-5), (n - gamma) / (error + 1e-5)
        evidence = d / 2 * np.log(alpha) + n / 2 * np.log(beta) - 0.5 * np.log(alpha + beta * squares).sum()
        evidence -= beta / 2 * error + alpha / 2 * length + n / 2 * np.log(2 * np.pi)
        if abs(alpha / beta - ratio) / ratio <= 1e-3:
            break
    return float(evidence) / n


def h_score_as_published(X: Matrix, y: NDArray[np.integer]) -> float:
    """tr(cov(f)⁺ cov(E[f | y])), eq. (3) of Bao et al. (ICIP 2019)."""
    means = np.zeros_like(X)
    for code in np.unique(y):
        means[y == code] = X[y == code].mean(axis=0)
    inverse = np.linalg.pinv(np.cov(X, rowvar=False), rcond=1e-15)
    return float(np.trace(inverse @ np.cov(means, rowvar=False)))
