"""What is shipped says what the fitted adapter says, also after saving and loading."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from headstart.adaptation import ADAPTERS
from headstart.adaptation.deployed import AdaptedHead, deployed
from headstart.adaptation.feature.tca import TCA
from headstart.errors import ModelError
from headstart.heads.logistic import Logistic
from headstart.heads.packing import pack, unpack

from .worlds import same, some_known

NAMES = sorted(ADAPTERS)


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("name", NAMES)
def test_the_copy_says_the_same(name: str) -> None:
    pair = same(60)
    Xs, Xt = np.abs(pair.Xs), np.abs(pair.Xt)
    yt = some_known(pair) if ADAPTERS[name].needs_target_labels else None
    names = np.array(["a", "b", "c"])
    shown = None if yt is None else np.where(yt >= 0, names[yt], "")
    adapter = ADAPTERS[name](head=Logistic(C=1.0)).fit(Xs, names[pair.ys], Xt, shown)
    head = deployed(adapter)
    columns = np.isin(adapter.classes_, head.classes_)  # an unknown class that no row was taken for is not shipped
    np.testing.assert_allclose(head.predict_proba(Xt), adapter.predict_proba(Xt)[:, columns], atol=1e-9)
    np.testing.assert_array_equal(head.predict(Xt), adapter.predict(Xt))
    copy = unpack(*pack(head))
    assert isinstance(copy, AdaptedHead)
    np.testing.assert_array_equal(copy.predict_proba(Xt), head.predict_proba(Xt))


@pytest.mark.parametrize("name", [name for name in NAMES if ADAPTERS[name].accepts_sparse
                                  and not ADAPTERS[name].needs_target_labels])  # fmt: skip
def test_sparse_rows_too(name: str) -> None:
    pair = same(60)
    Xs, Xt = sparse.csr_matrix(np.abs(pair.Xs)), sparse.csr_matrix(np.abs(pair.Xt))
    adapter = ADAPTERS[name](head=Logistic(C=1.0)).fit(Xs, pair.ys, Xt)
    np.testing.assert_allclose(deployed(adapter).predict_proba(Xt), adapter.predict_proba(Xt), atol=1e-9)


def test_landmarks_and_the_linear_kernel() -> None:
    pair = same(60)
    for params in ({"landmarks": 20}, {"kernel": "linear"}):
        adapter = TCA(head=Logistic(C=1.0), **params).fit(pair.Xs, pair.ys, pair.Xt)  # type: ignore[arg-type]
        np.testing.assert_allclose(deployed(adapter).predict_proba(pair.Xt), adapter.predict_proba(pair.Xt), atol=1e-7)


def test_what_cannot_be_saved() -> None:
    pair = same(60)
    with pytest.raises(ModelError, match="LogisticRegression cannot be saved"):
        deployed(ADAPTERS["coral"](head=LogisticRegression()).fit(pair.Xs, pair.ys, pair.Xt))
    voters = ADAPTERS["tradaboost"](head=LogisticRegression())
    with pytest.raises(ModelError, match="tradaboost with LogisticRegression"):
        deployed(voters.fit(pair.Xs, pair.ys, pair.Xt, some_known(pair)))


@pytest.mark.parametrize("name", ["msda", "autoencoder", "pivots", "coral"])
def test_learned_from_sparse_rows_it_answers_dense_ones_alike(name: str) -> None:
    pair = same(60)
    Xs, Xt = (sparse.csr_matrix(np.where(X > 1, X, 0.0)) for X in (pair.Xs, pair.Xt))
    adapter = ADAPTERS[name](head=Logistic(C=1.0)).fit(Xs, pair.ys, Xt)
    head = deployed(adapter)
    np.testing.assert_allclose(head.predict_proba(Xt.toarray()), adapter.predict_proba(Xt), atol=1e-9)
    np.testing.assert_allclose(adapter.predict_proba(Xt.toarray()), adapter.predict_proba(Xt), atol=1e-9)
