"""Kernel mean matching against a general solver of the same quadratic program."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import LinearConstraint, linprog, minimize
from sklearn.exceptions import ConvergenceWarning

from headstart.adaptation.instance.kmm import Box, KernelMeanMatching, _metric, match_means, sum_of_kernels
from headstart.errors import DataError
from headstart.heads.lda import LDA
from headstart.stats.kernels import rbf

from ..worlds import moved, same

BOXES = [Box(2.0, 9.0, 11.0), Box(1.5, 15.0, 18.0), Box(5.0, 0.0, 3.0)]


@pytest.mark.parametrize("box", BOXES)
def test_the_optimum_is_that_of_a_general_solver(box: Box) -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(12, 2))
    K, kappa = rbf(X, X, 1.0), rng.uniform(0, 8, 12)
    found = match_means(K, kappa, box, tolerance=1e-10, max_iter=50_000)
    general = minimize(
        lambda w: w @ K @ w / 2 - kappa @ w, np.full(12, box.high / 12), jac=lambda w: K @ w - kappa, method="SLSQP",
        bounds=[(0, box.bound)] * 12, constraints=[LinearConstraint(np.ones(12), box.low, box.high)],
        options={"ftol": 1e-14, "maxiter": 1000},
    )  # fmt: skip
    assert found.gap <= 1e-10
    objective = found.weights @ K @ found.weights / 2 - kappa @ found.weights
    assert objective <= general.fun + 1e-7
    assert found.weights.min() >= 0
    assert found.weights.max() <= box.bound
    assert box.low - 1e-6 <= found.weights.sum() <= box.high + 1e-6


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 1000), which=st.integers(0, 2))
def test_the_linear_program_and_the_projection_are_right(seed: int, which: int) -> None:
    box, rng = BOXES[which], np.random.default_rng(seed)
    slopes, v = rng.normal(size=12), 4 * rng.normal(size=12)
    ones = np.ones((1, 12))
    exact = linprog(slopes, A_ub=np.vstack([ones, -ones]), b_ub=[box.high, -box.low], bounds=(0, box.bound)).fun
    assert box.lowest(slopes) == pytest.approx(exact, abs=1e-9)
    nearest = box.nearest(v)
    other = box.nearest(rng.uniform(0, box.bound, 12))
    assert (v - nearest) @ (other - nearest) <= 1e-6  # what characterises a projection onto a convex set
    stiffness, total = rng.uniform(0.01, 5), rng.uniform(-5, 30)
    stiff = box.nearest(v, stiffness=stiffness, total=total)
    slopes = (stiff - v) + stiffness * (stiff.sum() - total)
    assert slopes @ (other - stiff) >= -1e-6  # no direction into the set goes down
    assert box.low - 1e-6 <= stiff.sum() <= box.high + 1e-6


@pytest.mark.parametrize("seed", range(4))
def test_the_metric_bounds_the_kernel(seed: int) -> None:
    rng = np.random.default_rng(seed)
    X = np.concatenate([rng.normal(size=(30, 3)), 4 + 0.1 * rng.normal(size=(10 * seed, 3))])
    K = rbf(X, X, 1.0)
    step, stiffness = _metric(lambda v: K @ v, len(X))
    bound = (np.eye(len(X)) + stiffness * np.ones((len(X), len(X)))) / step
    assert np.linalg.eigvalsh(bound - K)[0] >= 0


def test_weights_stay_in_their_box_and_the_gap_is_small() -> None:
    pair = moved(150)
    adapter = KernelMeanMatching(bound=3.0, least_effective=0.0, head=LDA()).fit(pair.Xs, pair.ys, pair.Xt)
    assert adapter.gap_ <= 1e-5
    assert adapter.converged_
    raw = adapter.weights_ / adapter.weights_.max()
    assert raw.min() >= 0
    with pytest.warns(ConvergenceWarning, match="kmm did not converge: the relative duality gap"):
        KernelMeanMatching(max_iter=1, tolerance=1e-9, least_effective=0.0, head=LDA()).fit(pair.Xs, pair.ys, pair.Xt)
    with pytest.raises(DataError, match="bound must be at least 1"):
        KernelMeanMatching(bound=0.5).fit(pair.Xs, pair.ys, pair.Xt)


def test_sums_in_blocks() -> None:
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(5, 3)), rng.normal(size=(3000, 3))
    np.testing.assert_allclose(sum_of_kernels(X, Y, 1.3), rbf(X, Y, 1.3).sum(axis=1))


def test_more_rows_than_asked_for_are_matched_in_blocks() -> None:
    pair = same(240)
    Xt = pair.Xt[pair.yt < 2]  # the target lacks a class
    whole = KernelMeanMatching(bandwidth=1.0, head=LDA()).fit(pair.Xs, pair.ys, Xt)
    blocks = KernelMeanMatching(bandwidth=1.0, most_rows=90, head=LDA()).fit(pair.Xs, pair.ys, Xt)
    assert (whole.blocks_, blocks.blocks_) == (1, 3)
    assert blocks.converged_

    def apart(weights: np.ndarray) -> float:
        """The squared distance of the weighted source's kernel mean from the target's."""
        within, across = rbf(pair.Xs, pair.Xs, whole.bandwidth_), rbf(pair.Xs, Xt, whole.bandwidth_)
        share = weights / weights.sum()
        return float(share @ within @ share - 2 * share @ across.mean(axis=1) + rbf(Xt, Xt, whole.bandwidth_).mean())

    assert apart(whole.weights_) <= apart(blocks.weights_) + 1e-3
    assert apart(blocks.weights_) < 0.3 * apart(np.ones(240))
    with pytest.raises(DataError, match="most_rows at least 2"):
        KernelMeanMatching(most_rows=1).fit(pair.Xs, pair.ys, Xt)
