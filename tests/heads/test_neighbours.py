"""Nearest neighbours against scikit-learn's, and against asking each row's neighbours by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier

from headstart.errors import DataError
from headstart.heads import neighbour_votes
from headstart.heads.neighbour_votes import SHARPNESS
from headstart.heads.neighbours import Neighbours

Builder = Callable[..., tuple[np.ndarray, np.ndarray]]


def by_hand(X: np.ndarray, y: np.ndarray, t: np.ndarray, k: int, n_classes: int) -> np.ndarray:
    cosines = X @ t / np.linalg.norm(X, axis=1) / np.linalg.norm(t)
    nearest = np.argsort(-cosines)[:k]
    strength = np.exp((cosines[nearest] - cosines.max()) / SHARPNESS)
    votes = np.array([strength[y[nearest] == label].sum() for label in range(n_classes)])
    return (votes + 1 / n_classes) / (votes.sum() + 1)


@pytest.mark.parametrize("k", [1, 4, 17])
def test_equals_scikit_learn(k: int, world: Builder) -> None:
    X, y = world(60, 8, 3, apart=1.5)
    T, _ = world(40, 8, 3, seed=1)
    head = Neighbours(k=k).fit(X, y)
    peer = KNeighborsClassifier(k, metric="cosine", weights=lambda far: np.exp(-far / SHARPNESS)).fit(X, y)
    assert np.array_equal(head.predict(T), peer.predict(T))
    assert np.array_equal(head.predict(T), [by_hand(X, y, t, k, 3).argmax() for t in T])


def test_leave_one_out_by_hand(world: Builder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbour_votes, "BLOCK", 7)  # rows are worked on in blocks: their seams must not show
    X, y = world(40, 5, 3, apart=1.5)
    head, rows = Neighbours().fit(X, y), np.arange(40)
    assert head.path_["k"].tolist() == [1, 3, 5, 10, 20, 39]
    for step, k in enumerate(head.path_["k"]):
        proba = np.array([by_hand(X[rows != i], y[rows != i], X[i], k, 3) for i in rows])
        assert head.path_["accuracy"][step] == pytest.approx((proba.argmax(axis=1) == y).mean())
        assert head.path_["log_loss"][step] == pytest.approx(-np.log(proba[rows, y]).mean())
    assert head.loo_accuracy_ == head.path_["accuracy"].max()


def test_length_of_rows_does_not_matter(world: Builder) -> None:
    X, y = world(30, 4, 3)
    lengths = np.random.default_rng(0).uniform(0.1, 9, (30, 1))
    assert np.allclose(Neighbours().fit(X, y).predict_proba(X), Neighbours().fit(lengths * X, y).predict_proba(X))


def test_says_what_is_wrong(world: Builder) -> None:
    X, y = world(10, 3, 2)
    with pytest.raises(DataError, match=r"k must be at least 1, got \[0\]"):
        Neighbours(k=0).fit(X, y)
    assert Neighbours(k=500).fit(X, y).predict(X).shape == (10,)
    assert "skipped beyond 20,000" in Neighbours().refusal(30_000, 10, 2, sparse=False)
