"""Nearest class means against distances written out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import sparse
from scipy.special import softmax

from headstart.errors import DataError
from headstart.heads.prototype import Prototype
from headstart.stats.calibration import fit_temperature

Builder = Callable[..., tuple[np.ndarray, np.ndarray]]


def unit(X: np.ndarray) -> np.ndarray:
    return X / np.linalg.norm(X, axis=1, keepdims=True)


def scores_by_hand(X: np.ndarray, y: np.ndarray, T: np.ndarray) -> np.ndarray:
    """Minus squared distances of unit rows to the means of unit rows."""
    means = np.stack([unit(X)[y == label].mean(axis=0) for label in np.unique(y)])
    return -((unit(T)[:, None] - means) ** 2).sum(axis=2)


@pytest.mark.parametrize("centre", [None, "mean", np.linspace(-1, 1, 8)], ids=["none", "mean", "given"])
def test_equals_distances_written_out(centre: object, world: Builder) -> None:
    X, y = world(60, 8, 3)
    T, _ = world(40, 8, 3, seed=1)
    head = Prototype(centre=centre).fit(X, y)  # type: ignore[arg-type]
    middle = np.zeros(8) if centre is None else centre
    if isinstance(centre, str):
        middle = np.mean([X[y == label].mean(axis=0) for label in range(3)], axis=0)
    expected = scores_by_hand(X - middle, y, T - middle)
    assert np.array_equal(head.predict(T), expected.argmax(axis=1))
    assert np.allclose(head.predict_proba(T), softmax(expected / head.temperature_, axis=1))
    assert np.allclose(head.centre_, middle)


@pytest.mark.parametrize("as_sparse", [False, True])
def test_temperature_comes_from_rows_left_out(as_sparse: bool, world: Builder) -> None:
    X, y = world(25, 6, 3, counts=[12, 12, 1], apart=1.0)
    scores = []
    for row in range(25):
        others = np.arange(25) != row
        if y[row] != 2:  # without its only row a class is gone
            scores.append(scores_by_hand(X[others], y[others], X[[row]])[0])
    codes = y[y != 2]
    expected = fit_temperature(np.array(scores), codes, smoothing=1 / (len(codes) + 1))
    head = Prototype().fit(sparse.csr_matrix(X) if as_sparse else X, y)
    assert head.temperature_ == pytest.approx(expected)


def test_class_sizes_play_no_part(world: Builder) -> None:
    X, y = world(60, 5, 2, apart=1.0)
    many = np.concatenate([np.arange(60), np.tile(np.flatnonzero(y == 0), 20)])
    T = np.random.default_rng(0).normal(size=(200, 5))
    for centre in (None, "mean"):
        plain, uneven = Prototype(centre=centre).fit(X, y), Prototype(centre=centre).fit(X[many], y[many])
        assert np.array_equal(plain.predict(T), uneven.predict(T))


def test_a_fixed_centre_merges_exactly_and_so_does_a_learned_one(world: Builder) -> None:
    X, y = world(50, 6, 3)
    for centre in (np.full(6, 0.5), "mean"):
        whole = Prototype(centre=centre).fit(X, y)
        merged = Prototype(centre=centre).fit(X[:20], y[:20]).merge(Prototype(centre=centre).fit(X[20:], y[20:]))
        assert np.allclose(whole.predict_proba(X), merged.predict_proba(X))


def test_says_what_is_wrong(world: Builder) -> None:
    X, y = world(10, 3, 2)
    with pytest.raises(DataError, match="centre must be None, 'mean' or an array of 3 values, got 'median'"):
        Prototype(centre="median").fit(X, y)  # type: ignore[arg-type]
    with pytest.raises(DataError, match=r"centre must hold one value for each of 3 features, got shape \(2,\)"):
        Prototype(centre=[0, 1]).fit(X, y)
    with pytest.raises(DataError, match="centring would fill sparse rows"):
        Prototype(centre="mean").fit(sparse.csr_matrix(X), y)
