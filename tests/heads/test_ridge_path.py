"""The pieces of the ridge path that have a shape of their own."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.errors import DataError
from headstart.heads import ridge_path
from headstart.heads.ridge_path import RidgeProblem, best_step, loo_path, ridges_for
from headstart.heads.statistics import Statistics
from headstart.stats.spectrum import Spectrum


def problem(n: int = 30, d: int = 50) -> RidgeProblem:
    rng = np.random.default_rng(n)
    return RidgeProblem.of(Spectrum.of(rng.normal(size=(n, d))), rng.normal(size=(n, 3)))


def test_best_step_prefers_accuracy_then_error() -> None:
    assert best_step(np.array([0.8, 0.9, 0.9, 0.9]), np.array([0.0, 3.0, 1.0, 2.0])) == 2
    assert best_step(np.array([0.9, 0.9 + 1e-15]), np.array([1.0, 2.0])) == 0  # rounding is no reason


def test_steps_are_multiples_of_the_mean_eigenvalue() -> None:
    spectrum = problem().spectrum
    assert np.allclose(ridges_for(spectrum, None, (0.1, 10.0)), [0.1 * spectrum.scale, 10 * spectrum.scale])
    assert ridges_for(spectrum, 4.0, (0.1, 10.0)).tolist() == [4.0]
    with pytest.raises(DataError, match="ridge penalties must be positive"):
        ridges_for(spectrum, -4.0, ())


def test_path_is_what_loo_gives_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ridge_path, "BLOCK", 7)  # neither blocks of rows nor groups of ridges may show
    monkeypatch.setattr(ridge_path, "COLUMNS", 6)
    each, ridges = problem(), np.array([0.1, 0.5, 5.0])
    accuracy, error = loo_path(each, ridges)
    assert (accuracy == 0).all()
    for step, ridge in enumerate(ridges):
        left = each.Y - each.spectrum.loo_residuals(each.Y, ridge)
        assert np.allclose(each.loo(ridge), left)
        assert error[step] == pytest.approx(((left - each.Y) ** 2).sum(axis=1).mean())


def test_columns_go_apart() -> None:
    each, some = problem(), np.array([True, False, True])
    assert np.allclose(each.columns(some).loo(1.0), each.loo(1.0)[:, some])
    assert np.allclose(each.columns(some).solution(1.0)[0], each.solution(1.0)[0][:, some])


def test_moments_give_the_problem_that_rows_give(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    X, y, weights = rng.normal(size=(60, 5)), rng.integers(0, 3, 60), rng.uniform(0.5, 2, 60)
    whole = RidgeProblem.of_classes(Statistics.of(X, y, weights))
    monkeypatch.setattr("headstart.heads.statistics.CAPACITY", 20)
    part = RidgeProblem.of_classes(Statistics.of(X, y, weights, keeps="scatter"))
    assert part.Y.shape == (20, 3)
    for first, second in zip(whole.solution(0.3), part.solution(0.3), strict=True):
        assert np.allclose(first, second)
    kept = [np.flatnonzero((row == X).all(axis=1))[0] for row in part.spectrum.rows]
    assert np.allclose(part.loo(0.3), whole.loo(0.3)[kept])
