"""uLSIF and RuLSIF: the closed forms against fits that really leave a pair out."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from headstart.adaptation.instance.ulsif import LeastSquaresRatio, least_squares_ratio, leave_one_out_errors
from headstart.errors import DataError
from headstart.heads.lda import LDA
from headstart.stats.kernels import rbf

from ..worlds import moved


@pytest.mark.parametrize("mixture", [0.0, 0.3])
@pytest.mark.parametrize(("ns", "nt", "b"), [(9, 9, 4), (12, 7, 5), (6, 11, 8)])
def test_leave_one_out_is_that_of_real_fits(mixture: float, ns: int, nt: int, b: int) -> None:
    rng = np.random.default_rng(0)
    source, target = rng.uniform(size=(ns, b)), rng.uniform(size=(nt, b))
    expected = []
    for ridge in (0.03, 0.1):
        errors = []
        for i in range(min(ns, nt)):
            theta = least_squares_ratio(
                np.delete(source, i, axis=0), np.delete(target, i, axis=0), ridge=ridge, mixture=mixture
            )
            on_source, on_target = source[i] @ theta, target[i] @ theta
            errors.append(mixture / 2 * on_target**2 + (1 - mixture) / 2 * on_source**2 - on_target)
        expected.append(np.mean(errors))
    found = leave_one_out_errors(source, target, ridges=(0.03, 0.1), mixture=mixture)
    assert found == pytest.approx(expected)
    single = leave_one_out_errors(np.float32(source), np.float32(target), ridges=(0.03, 0.1), mixture=mixture)
    assert single == pytest.approx(expected, rel=1e-3, abs=1e-3)


def test_the_ratio_is_near_the_true_one() -> None:
    rng = np.random.default_rng(0)
    source, target = rng.normal(size=(8000, 1)), 0.5 + 0.6 * rng.normal(size=(5000, 1))
    theta = least_squares_ratio(rbf(source, target[:80], 0.5), rbf(target, target[:80], 0.5), ridge=0.01)
    grid = np.linspace(-0.5, 1.5, 21)[:, None]
    true = (norm.pdf(grid, 0.5, 0.6) / norm.pdf(grid)).ravel()
    assert np.corrcoef(rbf(grid, target[:80], 0.5) @ theta, true)[0, 1] > 0.95


def test_a_mixture_bounds_the_weights() -> None:
    pair = moved(120)
    adapter = LeastSquaresRatio(mixture=0.5, least_effective=0.0, head=LDA()).fit(pair.Xs, pair.ys, pair.Xt)
    kernels = rbf(pair.Xs, adapter.centres_, adapter.bandwidth_)
    assert (kernels @ adapter.amplitudes_).max() < 2.5  # 1/mixture, and some for the fit
    with pytest.raises(DataError, match="mixture must lie"):
        LeastSquaresRatio(mixture=1.0).fit(pair.Xs, pair.ys, pair.Xt)
