"""The marginalised layer against a least squares fit on very many corrupted copies."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from headstart.adaptation.domains import Domains
from headstart.adaptation.feature.msda import StackedDenoising, restoration
from headstart.errors import DataError
from headstart.heads.logistic import Logistic

from ..worlds import same


@pytest.mark.parametrize(("n", "d"), [(12, 4), (5, 7)])
def test_the_layer_is_the_limit_of_many_corrupted_copies(n: int, d: int) -> None:
    rng = np.random.default_rng(0)
    X = rng.uniform(size=(n, d)) + 0.2
    restored = np.array([0, 2])
    found = restoration(X, restored, noise=0.4)
    copies = np.repeat(X, 20_000, axis=0)
    corrupted = copies * (rng.uniform(size=copies.shape) > 0.4)
    design = np.column_stack([corrupted, np.ones(len(corrupted))])
    solution = np.linalg.lstsq(design, copies[:, restored], rcond=None)[0]
    np.testing.assert_allclose(found.weights, solution[:-1], atol=0.02)
    np.testing.assert_allclose(found.bias, solution[-1], atol=0.02)


@pytest.mark.parametrize(("n", "d"), [(30, 8), (8, 30)])
def test_sparse_and_dense_and_both_sides_agree(n: int, d: int) -> None:
    rng = np.random.default_rng(1)
    X = (rng.uniform(size=(n, d)) < 0.4) * 1.0
    X[:, 3] = 0.0
    for restored in (np.arange(d), np.array([1, 5])):
        thick = restoration(X, restored, noise=0.5)
        thin = restoration(sparse.csr_matrix(X), restored, noise=0.5)
        np.testing.assert_allclose(thin.weights, thick.weights, atol=1e-9)
        np.testing.assert_allclose(thin(sparse.csr_matrix(X)), thick(X), atol=1e-9)
        # either side of the identity S(S + c)^-1 = A'(AA' + c)^-1 A: rows doubled move the problem to the other side
    doubled = restoration(np.vstack([X, X, X, X, X]), np.arange(d), noise=0.5)
    np.testing.assert_allclose(doubled.weights, restoration(X, np.arange(d), noise=0.5).weights, atol=1e-8)


def words(seed: int = 0) -> tuple[sparse.csr_matrix, np.ndarray, sparse.csr_matrix, np.ndarray]:
    """Each domain has its own words of praise and blame; a few shared ones go along with them."""
    rng = np.random.default_rng(seed)

    def side(own: slice, n: int) -> tuple[sparse.csr_matrix, np.ndarray]:
        y = rng.integers(0, 2, n)
        X = (rng.uniform(size=(n, 60)) < 0.03) * 1.0
        for columns, often in ((slice(0, 6), 0.5), (own, 0.35)):
            chosen = np.arange(60)[columns]
            likely = np.where((np.arange(len(chosen)) % 2)[None, :] == y[:, None], often, 0.05)
            X[:, chosen] = rng.uniform(size=likely.shape) < likely
        return sparse.csr_matrix(X), y

    return *side(slice(6, 32), 800), *side(slice(32, 58), 800)


def test_words_that_only_the_target_uses_are_understood() -> None:
    Xs, ys, Xt, yt = words()
    plain = (Logistic().fit(Xs, ys).predict(Xt) == yt).mean()
    found = (StackedDenoising(layers=1).fit(Xs, ys, Xt).predict(Xt) == yt).mean()
    assert found > plain + 0.05


def test_the_head_learns_from_what_rows_are_mapped_to() -> None:
    Xs, ys, Xt, _ = words()
    adapter = StackedDenoising(layers=2, width=40)
    Zs, _ = adapter._align(Domains.of(Xs, ys, Xt, accepts_sparse=True))
    np.testing.assert_allclose(Zs.toarray(), adapter.fit(Xs, ys, Xt).transform(Xs).toarray(), atol=1e-12)


def test_sparse_rows_that_are_no_words_are_read_as_they_are() -> None:
    pair = same(60)
    full = StackedDenoising(head=Logistic(C=1.0)).fit(pair.Xs, pair.ys, pair.Xt)
    thin = StackedDenoising(head=Logistic(C=1.0)).fit(sparse.csr_matrix(pair.Xs), pair.ys, sparse.csr_matrix(pair.Xt))
    np.testing.assert_allclose(thin.transform(sparse.csr_matrix(pair.Xt)).toarray(), full.transform(pair.Xt), atol=1e-8)


def test_misuse() -> None:
    Xs, ys, Xt, _ = words()
    with pytest.raises(DataError, match="noise lies in"):
        StackedDenoising(noise=1.0).fit(Xs, ys, Xt)
    with pytest.raises(DataError, match="a layer factorises 13,000²"):
        restoration(sparse.csr_matrix((13_000, 13_000)), np.arange(5), noise=0.5)


def test_rare_columns_beyond_the_inputs_are_not_looked_at() -> None:
    pair = same(60)
    Xs, Xt = (np.hstack([X > 1, np.eye(len(X))]).astype(float) for X in (pair.Xs, pair.Xt))
    few = StackedDenoising(inputs=5, head=Logistic(C=1.0)).fit(Xs, pair.ys, Xt)
    alone = StackedDenoising(head=Logistic(C=1.0)).fit(Xs[:, :5], pair.ys, Xt[:, :5])
    assert few.columns_.tolist() == [0, 1, 2, 3, 4]
    np.testing.assert_allclose(few.transform(Xt), alone.transform(Xt[:, :5]))
