"""The solver, its path and its folds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import check_grad

from headstart.heads.logistic import cross_entropy
from headstart.heads.penalised import ENOUGH, Rows, held_out_path, inner_folds, minimise
from headstart.heads.svm import squared_hinge


@pytest.mark.parametrize("loss", [cross_entropy, squared_hinge])
def test_slopes_are_those_of_the_loss(loss: object) -> None:
    rng = np.random.default_rng(0)
    codes, point = rng.integers(0, 3, 8), rng.normal(size=24)
    value = lambda flat: loss(flat.reshape(8, 3), codes)[0].sum()  # type: ignore[operator]  # noqa: E731
    slope = lambda flat: loss(flat.reshape(8, 3), codes)[1].ravel()  # type: ignore[operator]  # noqa: E731
    assert check_grad(value, slope, point) < 1e-5


def rows(n: int = 60, d: int = 5, seed: int = 0) -> Rows:
    rng = np.random.default_rng(seed)
    codes = np.arange(n) % 3
    return Rows(rng.normal(size=(n, d)) + np.eye(3, d)[codes], codes, np.full(n, 1 / n))


@pytest.mark.parametrize("loss", [cross_entropy, squared_hinge])
def test_no_step_from_the_minimum_leads_down(loss: object) -> None:
    data, penalty, rng = rows(), 0.1, np.random.default_rng(1)

    def objective(W: np.ndarray) -> float:
        values, _ = loss(data.Z @ W[:-1] + W[-1], data.codes)  # type: ignore[operator]
        return float(values.mean() + penalty / 2 * (W[:-1] ** 2).sum())

    best = minimise(data, 3, loss, penalty, tolerance=1e-15)  # type: ignore[arg-type]
    lowest = objective(best)
    assert all(objective(best + 1e-3 * rng.normal(size=best.shape)) > lowest for _ in range(30))
    assert objective(best + 1e-5 * rng.normal(size=best.shape)) >= lowest - 1e-9


def test_path_holds_out_what_it_scores() -> None:
    data = rows(90)
    fold_of = inner_folds(data.codes, 3, np.random.default_rng(0))
    held = held_out_path(data, 3, cross_entropy, [1.0, 0.1, 0.01], fold_of)
    penalty = [1.0, 0.1, 0.01][held.best]
    for fold in range(3):
        fitted = minimise(data.take(fold_of != fold), 3, cross_entropy, penalty, tolerance=1e-12)
        expected = data.Z[fold_of == fold] @ fitted[:-1] + fitted[-1]
        assert np.allclose(held.scores[fold_of == fold], expected, atol=0.05)


@pytest.mark.parametrize("forgone", [0.02, 0.1, 0.5])
def test_a_share_of_what_is_known_buys_the_strongest_penalty(forgone: float) -> None:
    """Against every penalty solved and counted one by one."""
    data, penalties = rows(240, seed=3), list(10.0 ** np.arange(0, -4, -1.0))
    fold_of = inner_folds(data.codes, 3, np.random.default_rng(0))
    held = held_out_path(data, 3, cross_entropy, penalties, fold_of, forgone=[forgone] * 4)
    right = np.zeros((len(held.losses), len(fold_of)))
    for place, penalty in enumerate(penalties[: len(held.losses)]):
        for fold in range(3):
            fitted = minimise(data.take(fold_of != fold), 3, cross_entropy, penalty, tolerance=1e-12)
            scores = data.Z[fold_of == fold] @ fitted[:-1] + fitted[-1]
            right[place, fold_of == fold] = scores.argmax(axis=1) == data.codes[fold_of == fold]
    known = right.mean(axis=1) - 1 / 3
    least, row = (1 - forgone) * known.max(), 2 / 240  # the path stops a little short of each minimum: two rows' leeway
    assert known[held.best] >= least - row
    assert (known[: held.best] < least + row).all()
    assert len(held.losses) > held.best + 1  # weaker ones were looked at


def test_path_ends_where_nothing_more_is_gained() -> None:
    rng = np.random.default_rng(0)
    noise = Rows(rng.normal(size=(60, 40)), np.arange(60) % 3, np.full(60, 1 / 60))
    fold_of = inner_folds(noise.codes, 3, rng)
    held = held_out_path(noise, 3, cross_entropy, list(10.0 ** -np.arange(-1, 8)), fold_of)
    assert len(held.losses) - 1 == held.best + 2
    assert held.losses[held.best] <= held.losses.min() * 1.02


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 5), min_size=2, max_size=80), st.integers(2, 5), st.integers(0, 99))
def test_folds_are_even_within_classes_and_spare_single_rows(labels: list[int], folds: int, seed: int) -> None:
    codes = np.array(labels)
    fold_of = inner_folds(codes, folds, np.random.default_rng(seed))
    for code in np.unique(codes):
        dealt = fold_of[codes == code]
        if len(dealt) == 1:
            assert dealt[0] == -1
        else:
            sizes = np.bincount(dealt, minlength=folds)
            assert sizes.max() - sizes.min() <= 1
            assert all((fold_of[codes == code] != fold).any() for fold in range(folds))  # never absent from a fit


def test_enough_rows_are_enough() -> None:
    fold_of = inner_folds(np.arange(6000) % 3, 4, np.random.default_rng(0))
    assert set(fold_of.tolist()) == {-1, 0}
    assert (fold_of == 0).sum() >= ENOUGH
