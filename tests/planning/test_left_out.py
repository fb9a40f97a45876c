"""Leave-one-out of the ridge path against fitting again, and what it must not claim."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse
from sklearn.linear_model import Ridge

from headstart.heads.ridge import Ridge as RidgeHead
from headstart.planning.left_out import held_out, left_out


def world(n: int, d: int, classes: int = 3, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % classes
    return rng.normal(size=(classes, d))[labels] * 2 + rng.normal(size=(n, d)), labels


@pytest.mark.parametrize("shape", [(30, 5), (24, 60)])
def test_rows_are_judged_by_a_ridge_fitted_without_them(shape: tuple[int, int]) -> None:
    X, labels = world(*shape)
    found = left_out(X, labels)
    ridge = RidgeHead().fit(X, labels).ridge_
    for row in range(len(X)):
        kept = np.arange(len(X)) != row
        predicted = Ridge(alpha=ridge).fit(X[kept], np.eye(3)[labels[kept]]).predict(X[row : row + 1])[0]
        assert found.correct[row] == (predicted.argmax() == labels[row])
    assert 0 < found.r2 <= 1
    assert left_out(sparse.csr_matrix(X), labels).r2 == pytest.approx(found.r2, abs=1e-6)


def test_noise_foretells_nothing_however_wide() -> None:
    for width in (20, 400):
        values = [left_out(np.random.default_rng(seed).normal(size=(60, width)), np.arange(60) % 2).r2
                  for seed in range(5)]  # fmt: skip
        assert np.mean(values) < 0.02


def test_the_only_row_of_a_class_is_not_judged() -> None:
    X, labels = world(12, 4)
    labels[0] = 3
    found = left_out(X, labels)
    assert np.isnan(found.correct[0])
    assert not np.isnan(found.correct[1:]).any()
    score = found.score()
    assert score is not None
    assert score.n == 11
    alone = left_out(X[:3], np.arange(3))
    assert alone.score() is None


def test_groups_are_left_out_whole() -> None:
    """Four noisy copies of each row: leaving out one is no test, leaving out its fold is."""
    rng = np.random.default_rng(0)
    X, labels = np.repeat(rng.normal(size=(20, 50)), 4, axis=0), np.repeat(rng.integers(0, 2, 20), 4)
    X = X + 0.01 * rng.normal(size=X.shape)
    rows = np.arange(80)
    folds = [(rows[rows // 16 != fold], rows[rows // 16 == fold]) for fold in range(5)]
    assert np.nanmean(left_out(X, labels).correct) > 0.95
    found = held_out(X, labels, folds, 2)
    assert np.mean(found.correct) < 0.8
    again = held_out(X, labels, folds + folds, 2)
    assert np.array_equal(found.correct, again.correct), "a further repeat is not looked at"
