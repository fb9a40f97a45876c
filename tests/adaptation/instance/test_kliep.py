"""KLIEP against its definition, and on a ratio that is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import norm

from headstart.adaptation.instance.kliep import KLIEP, behind, held_out_log_ratio, kernel_basis, kliep_ratio, likeliest
from headstart.errors import DataError
from headstart.heads.lda import LDA
from headstart.stats.kernels import rbf

from ..worlds import moved

RNG = np.random.default_rng(0)
SOURCE, TARGET = RNG.normal(size=(300, 1)), 0.5 + 0.6 * RNG.normal(size=(200, 1))


def test_the_constraint_holds_and_no_general_solver_finds_more() -> None:
    centres = TARGET[:6]
    found = kliep_ratio(SOURCE, TARGET, centres, 0.5, tolerance=1e-8, max_iter=50_000)
    assert found(SOURCE).mean() == pytest.approx(1, abs=1e-5)
    K, mean = rbf(TARGET, centres, 0.5), rbf(SOURCE, centres, 0.5).mean(axis=0)
    general = minimize(
        lambda a: -np.log(K @ a).mean(), np.full(6, 1 / mean.sum()), bounds=[(0, None)] * 6, method="SLSQP",
        constraints=[{"type": "eq", "fun": lambda a: mean @ a - 1}], options={"ftol": 1e-12},
    )  # fmt: skip
    assert -np.log(found(TARGET)).mean() <= general.fun + 1e-5
    assert (found.amplitudes >= 0).all()


def test_the_ratio_is_near_the_true_one() -> None:
    found = kliep_ratio(SOURCE, TARGET, TARGET[:100], 0.5)
    grid = np.linspace(-0.5, 1.5, 21)[:, None]
    true = (norm.pdf(grid, 0.5, 0.6) / norm.pdf(grid)).ravel()
    assert np.corrcoef(found(grid), true)[0, 1] > 0.95


def test_the_bandwidth_is_chosen_by_held_out_likelihood() -> None:
    pair = moved(100)
    adapter = KLIEP(bandwidths=(1e-3, 1.0), head=LDA(), least_effective=0.0).fit(pair.Xs, pair.ys, pair.Xt)
    assert adapter.bandwidth_ == pytest.approx(
        kernel_basis(pair.Xs, pair.Xt, 100, np.random.default_rng(0))[1], rel=1e-6
    )


def test_the_held_out_log_ratio_is_that_of_a_real_fit() -> None:
    centres, held = TARGET[:20], np.random.default_rng(0).permutation(len(TARGET)) % 4 == 0
    expected = np.log(kliep_ratio(SOURCE, TARGET[~held], centres, 0.5, tolerance=1e-6)(TARGET[held]))
    for dtype in (np.float64, np.float32):
        kernels = [rbf(X, centres, 0.5).astype(dtype) for X in (SOURCE, TARGET)]
        found = held_out_log_ratio(*kernels, held)
        assert found.mean() == pytest.approx(expected.mean(), abs=1e-2)  # that fit stops at 3e-3 of rows it sees


def test_the_race_has_the_winner_of_all_folds() -> None:
    widths = (0.01, 0.4, 0.5, 0.6, 50.0)
    kernels = [(rbf(SOURCE, TARGET[:50], width), rbf(TARGET, TARGET[:50], width)) for width in widths]
    fold_of = np.random.default_rng(0).permutation(len(TARGET)) % 5
    scores = [
        np.concatenate([held_out_log_ratio(*each, fold_of == fold) for fold in range(5)]).mean() for each in kernels
    ]
    assert likeliest(kernels, folds=5, rng=np.random.default_rng(0)) == np.argmax(scores)


def test_only_what_chance_does_not_explain_drops_out_of_the_race() -> None:
    rng = np.random.default_rng(0)
    assert behind(rng.normal(-0.5, 1.0, 400))
    assert not behind(rng.normal(-0.01, 1.0, 400))
    assert not behind(np.zeros(9))


@pytest.mark.filterwarnings("ignore::headstart.adaptation.instance.instance_adapter.FewEffectiveRows")
def test_bandwidths_far_too_narrow_are_only_not_chosen() -> None:
    pair = moved(60)
    adapter = KLIEP(bandwidths=(1e-8, 1e-3, 1.0), head=LDA()).fit(pair.Xs, pair.ys, pair.Xt + 100)
    assert np.isfinite(adapter.weights_).all()


def test_misuse() -> None:
    with pytest.raises(DataError, match="centres must be at least 1"):
        KLIEP(centres=0).fit(SOURCE, np.arange(300) % 2, TARGET)
