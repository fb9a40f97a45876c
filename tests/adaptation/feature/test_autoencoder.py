"""It restores what was dropped, finds that words go together, and the same seed gives the same units."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from headstart.adaptation.feature.autoencoder import DenoisingAutoencoder
from headstart.adaptation.none import NoAdaptation
from headstart.errors import DataError
from headstart.heads.lda import LDA
from headstart.heads.logistic import Logistic

from ..worlds import same


def words(n: int, seed: int, *, target: bool) -> tuple[np.ndarray, np.ndarray]:
    """Eight shared words tell the class; eight of the source's own do as well, other eight of the target's."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, n)
    shared, own = (rng.random((n, 8)) < 0.1 + 0.25 * (y[:, None] == np.arange(8) % 2) for _ in range(2))
    nothing = np.zeros((n, 8))
    return np.hstack([shared, nothing, own] if target else [shared, own, nothing]).astype(float), y


def test_it_learns_and_helps_with_words_of_the_target_s_own() -> None:
    (Xs, ys), (Xt, yt) = words(600, 0, target=False), words(600, 1, target=True)
    adapter = DenoisingAutoencoder(hidden=10, updates=300, binary=True, scale=5.0, rate=0.02, head=Logistic(C=1.0))
    adapter.fit(Xs, ys, Xt)
    assert np.mean(adapter.losses_[-20:]) < 0.6 * np.mean(adapter.losses_[:20])
    plain = NoAdaptation(head=Logistic(C=1.0)).fit(Xs, ys, Xt)
    assert (adapter.predict(Xt) == yt).mean() > (plain.predict(Xt) == yt).mean() + 0.04


def test_sparse_rows_are_looked_at_a_batch_at_a_time() -> None:
    Xs, ys = words(60, 0, target=False)
    Xt, _ = words(60, 1, target=True)
    options = {"hidden": 5, "updates": 20, "head": LDA()}
    dense = DenoisingAutoencoder(binary=True, **options).fit(Xs, ys, Xt)
    thin = DenoisingAutoencoder(**options).fit(sparse.csr_matrix(Xs), ys, sparse.csr_matrix(Xt))
    np.testing.assert_allclose(thin.weights_, dense.weights_)
    np.testing.assert_allclose(thin.transform(sparse.csr_matrix(Xt)).toarray(), dense.transform(Xt))


def test_sparse_rows_that_are_no_words_are_read_as_they_are() -> None:
    pair = same(60)
    options = {"hidden": 5, "updates": 20, "head": LDA()}
    full = DenoisingAutoencoder(**options).fit(pair.Xs, pair.ys, pair.Xt)
    thin = DenoisingAutoencoder(**options).fit(sparse.csr_matrix(pair.Xs), pair.ys, sparse.csr_matrix(pair.Xt))
    np.testing.assert_allclose(thin.weights_, full.weights_)


def test_misuse() -> None:
    pair = same(30)
    with pytest.raises(DataError, match="noise lies in"):
        DenoisingAutoencoder(noise=1.0).fit(pair.Xs, pair.ys, pair.Xt)
