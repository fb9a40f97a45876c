"""The kernel machine against a general minimiser, both its forms against each other, and what it learns."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from headstart.adaptation.feature.jda import class_contrasts
from headstart.adaptation.feature.kernel_space import KernelSpace
from headstart.adaptation.feature.manifold import KernelMachine, Manifold, laplacian
from headstart.adaptation.none import NoAdaptation
from headstart.errors import DataError
from headstart.heads.lda import LDA
from headstart.heads.unit_rows import unit_rows

from ..worlds import accuracy, moved, other_shares


def test_the_laplacian_is_that_of_its_graph() -> None:
    X = unit_rows(np.random.default_rng(0).normal(size=(12, 3)))
    L = laplacian(X, 3).toarray()
    cosines = X @ X.T
    W = np.zeros((12, 12))
    for i in range(12):
        near = [j for j in np.argsort(-cosines[i]) if j != i][:3]
        W[i, near] = cosines[i, near].clip(min=0)
    W = np.maximum(W, W.T)
    degrees = W.sum(axis=1)
    np.testing.assert_allclose(L, np.eye(12) - W / np.sqrt(np.outer(degrees, degrees)), atol=1e-12)


def setting(landmarks: int | None) -> tuple[KernelSpace, np.ndarray, np.ndarray, np.ndarray, object]:
    rng = np.random.default_rng(0)
    X = unit_rows(rng.normal(size=(14, 4)))
    codes = np.array([0, 1] * 7)
    E = class_contrasts(codes, np.arange(14) >= 7, 2, balance=0.5)
    space = KernelSpace.of(X, kernel="gaussian", bandwidth=1.0, landmarks=landmarks, seed=0)
    return space, np.eye(2)[codes], np.arange(14) < 7, E, laplacian(X, 3)


def test_no_machine_is_better() -> None:
    space, Y, labelled, E, L = setting(None)
    weights = KernelMachine(space, Y, labelled, L, ridge=0.1, strength=3.0, smoothness=0.5).weights(E)
    K = space.training

    def objective(alpha: np.ndarray) -> float:
        f = K @ alpha
        value = ((Y[labelled, 0] - f[labelled]) ** 2).sum() + 0.1 * alpha @ K @ alpha
        return float(value + 3 * ((E.T @ f) ** 2).sum() + 0.5 * f @ (L @ f))

    least = minimize(objective, np.zeros(14), method="BFGS", options={"gtol": 1e-10})
    assert objective(weights[:, 0]) <= least.fun + 1e-7


def test_all_rows_as_landmarks_are_the_exact_machine() -> None:
    space, Y, labelled, E, L = setting(None)
    options = {"ridge": 0.1, "strength": 3.0, "smoothness": 0.5}
    exact = space.product(KernelMachine(space, Y, labelled, L, **options).weights(E))
    nearly, *_ = setting(13)
    low = nearly.training @ KernelMachine(nearly, Y, labelled, L, **options).weights(E)
    assert np.abs(low - exact).max() < 0.2
    assert not nearly.exact


def test_it_learns_a_moved_target_and_also_through_landmarks() -> None:
    pair = moved(120)
    base = accuracy(NoAdaptation(head=LDA()), pair)
    assert accuracy(Manifold(head=LDA()), pair) > base + 0.15
    assert accuracy(Manifold(landmarks=40, head=LDA()), pair) > base + 0.15


def test_no_strength_at_all_still_answers() -> None:
    pair = other_shares(90)
    adapter = Manifold(strength=0.0, head=LDA()).fit(pair.Xs, pair.ys, pair.Xt)
    assert adapter.converged_
    assert adapter.gap_ == 0


def test_misuse() -> None:
    pair = moved(30)
    with pytest.raises(DataError, match="manifold takes ridge > 0"):
        Manifold(ridge=0.0).fit(pair.Xs, pair.ys, pair.Xt)
    with pytest.raises(DataError, match="neighbours and rounds"):
        Manifold(rounds=0).fit(pair.Xs, pair.ys, pair.Xt)
