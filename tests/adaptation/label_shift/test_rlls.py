"""The one-dimensional search against a general convex solver."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from headstart.adaptation.label_shift.rlls import RegularisedPrior, deviation, regularised_change
from headstart.adaptation.none import NoAdaptation
from headstart.errors import DataError
from headstart.heads.lda import LDA

from ..worlds import accuracy, other_shares


@pytest.mark.parametrize("penalty", [1e-4, 0.01, 0.05, 0.3])
@pytest.mark.parametrize("seed", [0, 1])
def test_no_general_solver_finds_less(penalty: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    confusion = np.diag(rng.dirichlet(np.ones(4) * 5)) @ (0.8 * np.eye(4) + 0.05)
    difference = 0.05 * rng.normal(size=4)

    def objective(theta: np.ndarray) -> float:
        return float(np.linalg.norm(confusion @ theta - difference) + penalty * np.linalg.norm(theta))

    found = regularised_change(confusion, difference, penalty)
    starts = (np.zeros(4), np.linalg.solve(confusion, difference), rng.normal(size=4))
    options = {"xatol": 1e-10, "fatol": 1e-12, "maxiter": 20_000, "maxfev": 20_000}
    best = min(minimize(objective, start, method="Nelder-Mead", options=options).fun for start in starts)
    assert objective(found) <= best + 1e-7


def test_fear_shrinks_the_change_to_nothing() -> None:
    confusion = np.eye(3) / 3
    assert not regularised_change(confusion, np.array([0.1, -0.1, 0.0]), 10.0).any()
    assert deviation(10_000, 3) < deviation(100, 3)


def test_it_pays_and_refuses_nonsense() -> None:
    pair = other_shares(400)
    assert accuracy(RegularisedPrior(head=LDA()), pair) > accuracy(NoAdaptation(head=LDA()), pair) + 0.1
    with pytest.raises(DataError, match="must not be negative"):
        RegularisedPrior(regularisation=-1).fit(pair.Xs, pair.ys, pair.Xt)
