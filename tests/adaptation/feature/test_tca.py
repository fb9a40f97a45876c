"""TCA: the means meet as mu grows, variance stays, and landmarks say nearly the same."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from headstart.adaptation.domains import Domains
from headstart.adaptation.feature.tca import TCA, Middle, SemiSupervisedTCA
from headstart.errors import DataError
from headstart.heads.lda import LDA

from ..worlds import Pair, accuracy, blobs


def shifted(n: int = 120, seed: int = 0) -> Pair:
    """Classes far from each other on two axes, the domains apart on a third."""
    rng = np.random.default_rng(seed)
    pair = Pair(*blobs(n, rng, apart=5.0), *blobs(n, rng, apart=5.0))
    return pair._replace(Xt=pair.Xt + 2.0 * np.array([0.8, 0.0, 0.0, 1.0, 0.0]))


def left_apart(mu: float) -> float:
    pair = shifted()
    adapter = TCA(mu=mu, components=10, head=LDA()).fit(pair.Xs, pair.ys, pair.Xt)
    Z = np.vstack([adapter.transform(pair.Xs), adapter.transform(pair.Xt)])
    return float(((Z[:120].mean(axis=0) - Z[120:].mean(axis=0)) ** 2).sum() / Z.var(axis=0).sum())


def test_the_means_meet_as_mu_grows() -> None:
    found = [left_apart(mu) for mu in (0.0, 10.0, 1000.0)]
    assert found[0] > found[1] > found[2]
    assert found[2] <= 0.005


def test_new_rows_land_where_training_rows_do() -> None:
    pair = shifted()
    adapter = TCA(components=6, head=LDA())
    adapter.fit(pair.Xs, pair.ys, pair.Xt)
    Zs, Zt = adapter._align(Domains.of(pair.Xs, pair.ys, pair.Xt))
    np.testing.assert_allclose(adapter.transform(pair.Xt), Zt, atol=1e-6)
    np.testing.assert_allclose(adapter.transform(pair.Xs), Zs, atol=1e-6)
    np.testing.assert_allclose(np.vstack([Zs, Zt]).mean(axis=0), 0, atol=1e-9)


def test_landmarks_and_the_whole_kernel_agree() -> None:
    pair = shifted(200)
    exact = accuracy(TCA(components=8, head=LDA()), pair)
    assert exact > 0.9
    assert accuracy(TCA(components=8, landmarks=80, head=LDA()), pair) > exact - 0.03


def test_labels_put_what_they_tell_first() -> None:
    pair = shifted()
    few = [method(components=2, head=LDA()) for method in (TCA, SemiSupervisedTCA)]
    assert accuracy(few[1], pair) >= accuracy(few[0], pair)
    dense = Middle(np.array([0, 0, 1, -1]), 2, 0.5)(np.eye(4))
    H = np.eye(4) - 0.25
    same = np.array([[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0]])
    np.testing.assert_allclose(dense, H @ (0.5 * np.eye(4) + 0.5 * same) @ H)


def test_what_it_says() -> None:
    pair = shifted(60)
    with pytest.warns(ConvergenceWarning, match="tca did not converge: the eigenproblem's residual"):
        TCA(components=3, max_iter=1, tolerance=1e-14, head=LDA()).fit(pair.Xs, pair.ys, pair.Xt)
    with pytest.raises(DataError, match="supervision is a share"):
        TCA(supervision=1.0).fit(pair.Xs, pair.ys, pair.Xt)
