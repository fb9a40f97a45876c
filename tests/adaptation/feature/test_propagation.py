"""Labels spread as the closed form says, and reach a target that the head alone misses."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import make_moons

from headstart.adaptation.feature.manifold import laplacian
from headstart.adaptation.feature.propagation import Propagation, spread_labels
from headstart.adaptation.none import NoAdaptation
from headstart.errors import DataError
from headstart.heads.lda import LDA
from headstart.heads.unit_rows import unit_rows

from ..worlds import accuracy, moved


def test_conjugate_gradients_find_the_closed_form() -> None:
    rng = np.random.default_rng(0)
    L, Y = laplacian(unit_rows(rng.normal(size=(20, 4))), 4), rng.random((20, 3))
    found, gap = spread_labels(L, Y, reach=0.9, tolerance=1e-10, max_iter=200)
    S = np.eye(20) - L.toarray()
    np.testing.assert_allclose(found, 0.1 * np.linalg.solve(np.eye(20) - 0.9 * S, Y), atol=1e-8)
    assert gap <= 1e-10


def test_a_moved_target_is_reached() -> None:
    pair = moved(150)
    adapter = Propagation(head=LDA())
    assert accuracy(adapter, pair) > accuracy(NoAdaptation(head=LDA()), pair) + 0.1
    np.testing.assert_allclose(adapter.spread_.sum(axis=1), 1.0)
    assert adapter.converged_


def test_labels_follow_a_bent_cloud_where_the_domains_do_not_move() -> None:
    X, y = make_moons(300, noise=0.05, random_state=0)
    X = np.c_[X, np.ones(300)]  # rows of length one would fold the plane onto a circle
    left = X[:, 0] < 0.5
    adapter = Propagation(align=False, neighbours=5, reach=0.99, head=LDA()).fit(X[left], y[left], X[~left])
    assert (adapter.spread_.argmax(axis=1) == y[~left]).mean() > 0.6


def test_misuse() -> None:
    pair = moved(30)
    with pytest.raises(DataError, match="reach lies in"):
        Propagation(reach=1.0).fit(pair.Xs, pair.ys, pair.Xt)
