"""Rows of a class that the source never saw are called unknown; where there are none, nothing is."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.adaptation.conditional_shift.open_set import AllFar, OpenSet, farness, unknown_share
from headstart.errors import DataError
from headstart.heads.lda import LDA

from ..worlds import blobs, same

NAMES = np.array(["ant", "bee", "cat"])


def strangers() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    (Xs, ys), (Xt, yt) = blobs(300, rng, apart=6.0), blobs(200, rng, apart=6.0)
    new = rng.normal(size=(60, 5)) + np.array([0, 0, 0, 7.0, 0])
    return Xs, NAMES[ys], np.vstack([Xt, new]), np.append(NAMES[yt], np.full(60, "unknown"))


def test_strangers_are_called_unknown() -> None:
    Xs, ys, Xt, yt = strangers()
    adapter = OpenSet(head=LDA()).fit(Xs, ys, Xt)
    assert adapter.classes_.tolist() == ["ant", "bee", "cat", "unknown"]
    assert 0.15 < adapter.share_ < 0.35
    assert (adapter.predict(Xt) == yt).mean() > 0.9
    moved = OpenSet(inner="coral", head=LDA()).fit(Xs, ys, Xt + 0.5)
    assert (moved.predict(Xt + 0.5) == yt).mean() > 0.8


def test_no_strangers_no_unknown() -> None:
    pair = same(150)
    adapter = OpenSet(head=LDA()).fit(pair.Xs, pair.ys, pair.Xt)
    assert adapter.share_ == 0
    assert set(adapter.predict(pair.Xt)) <= {0, 1, 2}
    assert adapter.classes_[-1] == -1


def test_a_target_that_lies_elsewhere_is_no_unknown_class() -> None:
    pair = same(100)
    with pytest.warns(AllFar, match="a shift of all rows"):
        adapter = OpenSet(head=LDA()).fit(pair.Xs, pair.ys, -pair.Xt)
    assert adapter.share_ == 0


def test_farness_and_share_by_hand() -> None:
    angles = np.linspace(0, 1, 11)
    known = np.c_[np.cos(angles), np.sin(angles)]
    found = farness(np.array([[2.0, 0.0]]), known)
    np.testing.assert_allclose(found, 2 * np.sin(0.4 / 2))  # the 5th nearest lies at the angle .4
    source, target = np.linspace(0, 1, 1001), np.r_[np.linspace(0, 1, 800), np.full(200, 9.0)]
    assert unknown_share(source, target) == pytest.approx(0.2, abs=0.01)
    assert unknown_share(source, source) == 0


def test_misuse() -> None:
    pair = same(30)
    with pytest.raises(DataError, match="share of unknown rows"):
        OpenSet(share=1.0).fit(pair.Xs, pair.ys, pair.Xt)
    with pytest.raises(DataError, match="has a class 2 already"):
        OpenSet(unknown=2).fit(pair.Xs, pair.ys, pair.Xt)
    with pytest.raises(DataError, match="maps both domains"):
        OpenSet(inner="jda", head=LDA()).fit(pair.Xs, pair.ys, pair.Xt)
