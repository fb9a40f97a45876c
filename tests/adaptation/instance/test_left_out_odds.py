"""One fit in place of as many as there are rows: against the fits themselves, and the evidence on a grid."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from headstart.adaptation.instance.left_out_odds import discriminator


def two(n: int, m: int, d: int, *, apart: float = 0.4, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)) + 7, rng.normal(size=(m, d)) * 1.2 + 7 + apart


def fitted(X: np.ndarray, side: np.ndarray, penalty: float) -> LogisticRegression:
    return LogisticRegression(C=1 / penalty, tol=1e-8, max_iter=2000).fit(X - 7, side)


@pytest.mark.parametrize(("n", "m", "d"), [(60, 40, 3), (25, 30, 70), (3000, 2000, 4), (320, 280, 75)])
def test_it_is_logistic_regression_of_its_penalty(n: int, m: int, d: int) -> None:
    first, second = two(n, m, d)
    found = discriminator(first, second)
    expected = fitted(np.vstack([first, second]), np.repeat([0, 1], [n, m]), found.penalty)
    np.testing.assert_allclose(found.logits(), expected.decision_function(first - 7), atol=0.15)


@pytest.mark.parametrize(("n", "m", "d"), [(60, 40, 3), (25, 30, 70)])
def test_rows_left_out_in_closed_form_are_rows_left_out(n: int, m: int, d: int) -> None:
    first, second = two(n, m, d)
    found = discriminator(first, second)
    X, side = np.vstack([first, second]), np.repeat([0, 1], [n, m])
    expected = np.concatenate(
        [
            fitted(np.delete(X, row, axis=0), np.delete(side, row), found.penalty).decision_function(
                X[row : row + 1] - 7
            )
            for row in range(n + m)
        ]
    )
    for second, rows in ((False, slice(n)), (True, slice(n, None))):
        left_out, logits = found.left_out(second=second), found.logits(second=second)
        np.testing.assert_allclose(left_out, expected[rows], atol=0.2)
        assert np.abs(left_out - expected[rows]).mean() < 0.5 * np.abs(logits - expected[rows]).mean()


def test_the_penalty_is_where_the_evidence_is_highest() -> None:
    first, second = two(150, 120, 8)
    X, side = np.vstack([first, second]) - 7, np.repeat([0, 1], [150, 120])

    def evidence(penalty: float) -> float:
        """Of the second sample's rows being where they are, by Laplace's method (MacKay, eq. 4.5)."""
        model = LogisticRegression(C=1 / penalty, tol=1e-8, max_iter=2000).fit(X, side)
        weights, proba = model.coef_[0], model.predict_proba(X)
        design = np.column_stack([X, np.ones(len(X))])
        curvature = (design * (proba[:, 0] * proba[:, 1])[:, None]).T @ design + np.diag([penalty] * 8 + [0])
        likelihood = np.log(proba[np.arange(len(X)), side]).sum() - penalty / 2 * weights @ weights
        return float(likelihood + 4 * np.log(penalty) - np.linalg.slogdet(curvature)[1] / 2)

    found = discriminator(first, second).penalty
    assert evidence(found) > max(evidence(found * 4), evidence(found / 4))  # the steps end before it settles


def test_samples_that_are_alike_are_not_told_apart() -> None:
    rng = np.random.default_rng(1)
    found = discriminator(rng.normal(size=(400, 20)), rng.normal(size=(200, 20)))
    assert np.abs(found.log_ratio()).mean() < 0.2
    same = discriminator(np.ones((5, 2)), np.ones((5, 2)))
    np.testing.assert_allclose(same.left_out(), np.log(5 / 4), atol=0.01)  # without the row, four against five
    for second in (False, True):
        np.testing.assert_allclose(same.log_ratio(second=second), 0, atol=0.01)


@pytest.mark.parametrize("seed", [0, 1])
def test_whole_steps_that_would_run_away_are_halved(seed: int) -> None:
    """Tails as long as those of words: undamped, every row came out on one side by half a million."""
    rng = np.random.default_rng(seed)
    first, second = rng.standard_t(2, size=(2, 2000, 64))
    second[:, :20] += 0.6
    found, side = discriminator(first, second), np.repeat([0, 1], 2000)
    X = np.vstack([first, second])

    def loss(logits: np.ndarray, weights: np.ndarray) -> float:
        return float(np.logaddexp(0, logits).sum() - logits @ side + found.penalty / 2 * weights @ weights)

    least = LogisticRegression(C=1 / found.penalty, tol=1e-8, max_iter=2000).fit(X, side)
    reached = loss(np.concatenate([found.logits(), found.logits(second=True)]), found.weights[:-1])
    assert reached <= 1.02 * loss(least.decision_function(X), least.coef_[0])
