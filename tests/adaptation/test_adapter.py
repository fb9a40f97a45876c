"""How the common parts behave, seen through the simplest method."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from headstart.adaptation.adapter import aligned_proba, stacked
from headstart.adaptation.none import NoAdaptation
from headstart.errors import DataError

from .worlds import moved, some_known


def test_known_target_labels_join_the_training_rows() -> None:
    pair = moved()
    shown = some_known(pair, 60)
    known = shown >= 0
    by_hand = LogisticRegression(max_iter=1000).fit(
        np.vstack([pair.Xs, pair.Xt[known]]), np.append(pair.ys, pair.yt[known])
    )
    found = NoAdaptation(head=LogisticRegression(max_iter=1000)).fit(pair.Xs, pair.ys, pair.Xt, shown)
    np.testing.assert_allclose(found.predict_proba(pair.Xt), by_hand.predict_proba(pair.Xt))


def test_classes_a_head_never_saw_get_nothing() -> None:
    head = LogisticRegression().fit([[0.0], [1.0]], [0, 2])
    proba = aligned_proba(head, np.array([[0.5]]), 4)
    assert proba.shape == (1, 4)
    assert proba[0, 1] == proba[0, 3] == 0


def test_stacking_keeps_sparse_sparse() -> None:
    from scipy import sparse

    assert sparse.issparse(stacked(sparse.csr_matrix(np.eye(2)), np.eye(2)))
    assert stacked(np.eye(2), np.eye(2)).shape == (4, 2)


def test_asking_before_fitting() -> None:
    from sklearn.exceptions import NotFittedError

    with pytest.raises(NotFittedError):
        NoAdaptation().predict(np.eye(2))
    with pytest.raises(DataError, match="empty"):
        NoAdaptation().fit(np.zeros((0, 2)), [], np.eye(2))
