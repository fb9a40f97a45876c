"""Each class moved in its own way is found; moments of moved classes are the target's."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.adaptation.conditional_shift.location_scale import LocationScale, moved_classes
from headstart.adaptation.feature.coral import Coral
from headstart.errors import DataError
from headstart.heads.lda import LDA

from ..worlds import Pair, accuracy, blobs


def test_moved_classes_have_the_target_s_moments() -> None:
    rng = np.random.default_rng(0)
    (Xs, ys), (Xt, yt) = blobs(300, rng), blobs(400, rng)
    Xt = 2 * Xt + yt[:, None]
    still = np.zeros(5), np.ones(5)
    moved = moved_classes(Xs, ys, Xt, np.eye(3)[yt], trust=1e-9, pooled=still)
    for code in range(3):
        np.testing.assert_allclose(moved[ys == code].mean(axis=0), Xt[yt == code].mean(axis=0), atol=1e-6)
        np.testing.assert_allclose(moved[ys == code].std(axis=0), Xt[yt == code].std(axis=0), atol=1e-6)
    pooled = moved_classes(Xs, ys, Xt, np.eye(3)[yt], trust=1e12, pooled=(np.full(5, 2.0), np.ones(5)))
    np.testing.assert_allclose(pooled, Xs + 2, atol=1e-6)


def test_classes_that_move_apart_in_other_proportions() -> None:
    rng = np.random.default_rng(1)
    Xs, ys = blobs(400, rng, shares=[0.5, 0.3, 0.2])
    Xt, yt = blobs(400, rng, shares=[0.2, 0.3, 0.5])
    Xt = Xt + np.array([[1.5, 0, 0, 1, 0], [0, -1.5, 0, 0, 1], [0, 0, 1.0, -1, -1]])[yt]
    pair = Pair(Xs, ys, Xt, yt)
    adapter = LocationScale(head=LDA())
    assert accuracy(adapter, pair) > accuracy(Coral(head=LDA()), pair)
    np.testing.assert_allclose(adapter.prior_, np.bincount(yt) / 400, atol=0.08)


def test_misuse() -> None:
    rng = np.random.default_rng(0)
    Xs, ys = blobs(30, rng)
    with pytest.raises(DataError, match="rounds must be at least 1"):
        LocationScale(rounds=0).fit(Xs, ys, Xs)
