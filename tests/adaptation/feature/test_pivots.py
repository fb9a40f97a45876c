"""Pivots: information against scikit-learn's, predictors against ridge regressions one by one, and the task."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse
from sklearn.metrics import mutual_info_score

from headstart.adaptation.feature.pivots import StructuralCorrespondence, chosen_pivots, correspondence, information
from headstart.errors import DataError
from headstart.heads.logistic import Logistic

from .test_msda import words

RNG = np.random.default_rng(0)
PRESENT = (RNG.uniform(size=(80, 12)) < 0.4) * 1.0
CODES = RNG.integers(0, 3, 80)


def test_information_is_that_of_the_table() -> None:
    expected = [mutual_info_score(PRESENT[:, column], CODES) for column in range(12)]
    np.testing.assert_allclose(information(PRESENT, CODES, 3), expected, atol=1e-12)
    np.testing.assert_allclose(information(sparse.csr_matrix(PRESENT), CODES, 3), expected, atol=1e-12)


@pytest.mark.parametrize("most", [1, 8000])
def test_the_space_is_that_of_ridge_regressions_one_by_one(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headstart.adaptation.feature.pivots.MOST_SIDE", most)
    pivots = np.array([1, 4, 7])
    others = PRESENT.copy()
    others[:, pivots] = 0
    weights = np.column_stack(
        [
            np.linalg.solve(others.T @ others + 2 * np.eye(12), others.T @ (PRESENT[:, p] - PRESENT[:, p].mean()))
            for p in pivots
        ]
    )
    expected = np.linalg.svd(weights)[0][:, :2]
    for rows in (PRESENT, sparse.csr_matrix(PRESENT)):
        theta = correspondence(rows, pivots, dimensions=2, ridge=2.0, seed=0)
        np.testing.assert_allclose(theta @ theta.T, expected @ expected.T, atol=1e-6)
    few = correspondence(PRESENT[:9], pivots, dimensions=2, ridge=2.0, seed=0)  # fewer rows than columns
    rows, theirs = others[:9], PRESENT[:9][:, pivots] - PRESENT[:9][:, pivots].mean(axis=0)
    left = np.linalg.svd(np.linalg.solve(rows.T @ rows + 2 * np.eye(12), rows.T @ theirs))[0][:, :2]
    np.testing.assert_allclose(few @ few.T, left @ left.T, atol=1e-6)


def test_pivots_are_frequent_on_both_sides() -> None:
    other = PRESENT.copy()
    other[:, 3] = 0
    found = chosen_pivots(PRESENT, other, CODES, 3, count=12, least=5)
    assert 3 not in found
    assert len(found) == 11


def test_words_that_only_the_target_uses_are_understood() -> None:
    Xs, ys, Xt, yt = words()
    plain = (Logistic().fit(Xs, ys).predict(Xt) == yt).mean()
    found = (StructuralCorrespondence(pivots=6, dimensions=3).fit(Xs, ys, Xt).predict(Xt) == yt).mean()
    assert found > plain + 0.03


def test_nothing_to_hold_on_to() -> None:
    below = -np.random.default_rng(0).uniform(1, 2, size=(30, 3))
    with pytest.raises(DataError, match="none can be a pivot"):
        StructuralCorrespondence().fit(below, np.arange(30) % 2, below)
