"""JDA: the projection against a general eigensolver, the contrasts against the paper's matrices, and the task."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import linalg
from scipy.ndimage import rotate
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

from headstart.adaptation.feature.jda import JDA, class_contrasts, joint_projection, row_space
from headstart.adaptation.none import NoAdaptation
from headstart.errors import DataError

from ..worlds import Pair, accuracy


def test_contrasts_are_the_mmd_matrices() -> None:
    codes = np.array([0, 0, 1, 0, 1, -1])
    is_target = np.arange(6) >= 3
    E = class_contrasts(codes, is_target, 2, balance=0.3)

    def pairwise(source: np.ndarray, target: np.ndarray) -> np.ndarray:
        M = np.zeros((6, 6))
        for i in range(6):
            for j in range(6):
                left = 1 / source.sum() if source[i] else -1 / target.sum() if target[i] else 0
                right = 1 / source.sum() if source[j] else -1 / target.sum() if target[j] else 0
                M[i, j] = left * right
        return M

    M = 0.7 * pairwise(~is_target, is_target)
    for code in (0, 1):
        M += 0.3 * pairwise((codes == code) & ~is_target, (codes == code) & is_target)
    np.testing.assert_allclose(E @ E.T, M / np.linalg.norm(M), atol=1e-12)


def test_the_projection_solves_the_paper_s_problem() -> None:
    rng = np.random.default_rng(0)
    X, E = rng.normal(size=(20, 5)), rng.normal(size=(20, 3))
    A = joint_projection(X, E, ridge=0.1, components=2)
    left = X.T @ E @ E.T @ X + 0.1 * np.eye(5)
    right = X.T @ (np.eye(20) - 1 / 20) @ X
    values = linalg.eigh(left, right, eigvals_only=True)[:2]
    for column, value in zip(A.T, values, strict=True):
        np.testing.assert_allclose(left @ column, value * (right @ column), atol=1e-8)


def test_wide_rows_need_no_more_than_their_span() -> None:
    X = np.random.default_rng(0).normal(size=(6, 40))
    basis = row_space(X)
    assert basis.shape == (40, 6)
    np.testing.assert_allclose(X @ basis @ basis.T, X, atol=1e-9)
    np.testing.assert_array_equal(row_space(X.T), np.eye(6))


def turned() -> Pair:
    """Handwritten digits; the target's are turned by 35 degrees."""
    X, y = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(X))
    X, y = X[order], y[order]
    turn = np.array([rotate(row.reshape(8, 8), 35, reshape=False).ravel() for row in X[400:800]])
    return Pair(X[:400] / 16, y[:400], turn / 16, y[400:800])


def test_digits_that_were_turned_are_read_again() -> None:
    pair = turned()
    head = LogisticRegression(max_iter=1000)  # LDA does not see an invertible linear map: it would undo this one
    adapter = JDA(head=head)
    assert accuracy(adapter, pair) > accuracy(NoAdaptation(head=head), pair) + 0.15
    assert adapter.gap_ == adapter.changes_[-1] < 0.1 * adapter.changes_[0]


def test_misuse() -> None:
    pair = turned()
    with pytest.raises(DataError, match="JDA takes balance"):
        JDA(balance=2.0).fit(pair.Xs, pair.ys, pair.Xt)
