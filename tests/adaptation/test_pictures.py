"""Both domains drawn before and after: arrows shorten where rows are carried over; what did not move is drawn once."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from headstart.adaptation import ADAPTERS
from headstart.adaptation.pictures import before_and_after, plane
from headstart.diagnosis.findings import Picture
from headstart.heads.lda import LDA

from .worlds import moved, same

CLASSES = ("ant", "bee", "cat")


def length(picture: Picture) -> float:
    """Of the mean arrow, in spreads of the picture."""
    spread = np.std([*picture.source, *picture.target])
    return float(np.mean([np.hypot(x2 - x1, y2 - y1) for _, x1, y1, x2, y2 in picture.arrows]) / spread)


@pytest.mark.parametrize("name", ["coral", "subspace", "transport", "linear_map", "auto"])
def test_arrows_shorten(name: str) -> None:
    pair = moved(300)
    adapter = ADAPTERS[name](head=LDA()).fit(pair.Xs, pair.ys, pair.Xt)
    before, after = before_and_after(adapter, (pair.Xs, pair.Xt), (pair.ys, pair.yt), CLASSES)
    assert after is not None
    assert len(before.arrows) == 3
    assert length(after) < 0.7 * length(before)


@pytest.mark.parametrize("name", ["none", "em_prior", "nearest"])
def test_what_moves_no_rows_has_one_picture(name: str) -> None:
    pair = same(60)
    adapter = ADAPTERS[name](head=LDA()).fit(pair.Xs, pair.ys, pair.Xt)
    assert before_and_after(adapter, (pair.Xs, pair.Xt), (pair.ys, pair.yt), CLASSES)[1] is None


def test_methods_without_a_map_are_drawn_by_their_answers() -> None:
    pair = moved(60)
    adapter = ADAPTERS["manifold"](head=LDA()).fit(pair.Xs, pair.ys, pair.Xt)
    after = before_and_after(adapter, (pair.Xs, pair.Xt), (pair.ys, pair.yt), CLASSES)[1]
    assert after is not None
    assert len(after.source) == len(after.target) == 60


def test_the_plane_keeps_most_of_the_spread() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(50, 6)) * np.array([9, 5, 0.1, 0.1, 0.1, 0.1])
    first, second = plane(X[:20], sparse.csr_matrix(X[20:]))
    assert (first.shape, second.shape) == ((20, 2), (30, 2))
    flat = np.concatenate([first, second])
    np.testing.assert_allclose(np.linalg.norm(flat), np.linalg.norm(X - X.mean(axis=0)), rtol=1e-3)
    assert plane(np.ones((3, 1)), np.ones((2, 1)))[0].shape == (3, 2)
