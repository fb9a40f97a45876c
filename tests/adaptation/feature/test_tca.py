"""TCA: the means meet as mu grows, variance stays, and landmarks say nearly the same."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import eigvals
from sklearn.exceptions import ConvergenceWarning

from headstart.adaptation.deployed import walked
from headstart.adaptation.domains import Domains
from headstart.adaptation.feature.locality import heat_laplacian
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


def test_waves_and_the_whole_kernel_agree() -> None:
    pair = shifted(200)
    exact = accuracy(TCA(components=8, head=LDA()), pair)
    adapter = TCA(components=8, waves=300, head=LDA())
    assert accuracy(adapter, pair) > exact - 0.03
    assert adapter.converged_
    np.testing.assert_allclose(walked(adapter.steps(), pair.Xt), adapter.transform(pair.Xt), atol=1e-8)
    with pytest.raises(DataError, match="waves stand for the gaussian kernel"):
        TCA(waves=10, kernel="linear").fit(pair.Xs, pair.ys, pair.Xt)


def test_labels_put_what_they_tell_first() -> None:
    pair = shifted()
    few = [method(components=2, head=LDA()) for method in (TCA, SemiSupervisedTCA)]
    assert accuracy(few[1], pair) >= accuracy(few[0], pair)
    dense = Middle(np.array([0, 0, 1, -1]), 2, 0.5)(np.eye(4))
    H = np.eye(4) - 0.25
    same = np.array([[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0]])
    np.testing.assert_allclose(dense, H @ (0.5 * np.eye(4) + 0.5 * same) @ H)


def test_near_rows_stay_near_as_locality_grows() -> None:
    pair = shifted()
    L = heat_laplacian(np.vstack([pair.Xs, pair.Xt]), 10)
    rough = []
    for locality in (0.0, 1e3, 1e6):
        adapter = SemiSupervisedTCA(components=4, mu=1.0, locality=locality, head=LDA())
        Z = np.vstack(adapter._align(Domains.of(pair.Xs, pair.ys, pair.Xt)))
        rough.append(float(np.trace(Z.T @ L @ Z) / Z.var(axis=0).sum()))
        assert adapter.converged_
    assert rough[0] > rough[1] > rough[2]


@pytest.mark.parametrize("landmarks", [None, 80])
def test_a_fair_share_of_locality_leaves_the_classes_apart(landmarks: int | None) -> None:
    adapter = SemiSupervisedTCA(components=4, mu=1.0, locality=1000.0, landmarks=landmarks, head=LDA())
    assert accuracy(adapter, shifted()) > 0.9


def test_the_semi_supervised_pencil_is_the_paper_s() -> None:
    pair = shifted(60)
    yt = np.where(np.arange(60) < 9, pair.yt, -1)
    adapter = SemiSupervisedTCA(components=4, mu=5.0, locality=300.0, head=LDA())
    adapter.fit(pair.Xs, pair.ys, pair.Xt, yt)
    K, e = adapter.space_.training, np.repeat([1 / 60, -1 / 60], 60)
    y, H = np.concatenate([pair.ys, yt]), np.eye(120) - 1 / 120
    Kyy = 0.5 * np.eye(120) + 0.5 * ((y[:, None] == y) & (y >= 0))
    L = heat_laplacian(np.vstack([pair.Xs, pair.Xt]), 10).toarray()
    right = np.eye(120) + 5.0 * K @ (np.outer(e, e) + 300.0 / 120**2 * L) @ K
    expected = np.sort(eigvals(np.linalg.solve(right, K @ H @ Kyy @ H @ K)).real)[::-1][:4]
    np.testing.assert_allclose(adapter.values_, expected, rtol=1e-8)


def test_what_it_says() -> None:
    pair = shifted(60)
    with pytest.warns(ConvergenceWarning, match="tca did not converge: the eigenproblem's residual"):
        TCA(components=3, max_iter=1, tolerance=1e-14, head=LDA()).fit(pair.Xs, pair.ys, pair.Xt)
    with pytest.raises(DataError, match="locality must not be negative and neighbours at least 1, got -1"):
        SemiSupervisedTCA(locality=-1).fit(pair.Xs, pair.ys, pair.Xt)
    with pytest.raises(DataError, match="supervision is a share"):
        TCA(supervision=1.0).fit(pair.Xs, pair.ys, pair.Xt)
