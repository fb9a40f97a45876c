"""Held-out probabilities are held out, and small classes do not stop the fit."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier

from headstart.adaptation.domains import Domains
from headstart.adaptation.label_shift.em import EMPrior
from headstart.errors import DataError
from headstart.heads.lda import LDA

from ..worlds import other_shares


def noise(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, 4)), rng.integers(0, 2, n)


def test_a_head_that_remembers_is_not_asked_about_what_it_remembers() -> None:
    X, y = noise(200)
    adapter = EMPrior(head=KNeighborsClassifier(1))
    held_out = adapter._out_of_fold(Domains.of(X, y, X))
    assert 0.3 < (held_out.argmax(axis=1) == y).mean() < 0.7  # 1.0 if a row's own neighbour were itself


def test_a_class_of_two_rows_keeps_its_place() -> None:
    X, y = noise(60)
    y[:2] = 2
    adapter = EMPrior(head=LDA()).fit(X, y, X)
    assert adapter.predict_proba(X).shape == (60, 3)
    assert np.isfinite(adapter.predict_proba(X)).all()


def test_classes_that_are_all_tiny() -> None:
    X, y = noise(6)
    y = np.array([0, 1, 0, 1, 0, 1])
    assert EMPrior(head=LDA()).fit(X, y, X).prior_.sum() == 1.0


def test_target_rows_may_come_in_batches() -> None:
    pair = other_shares(200)
    whole = EMPrior(head=LDA()).fit(pair.Xs, pair.ys, pair.Xt)
    streamed = EMPrior(head=LDA()).fit_batches(pair.Xs, pair.ys, (pair.Xt[i : i + 30] for i in range(0, 200, 30)))
    np.testing.assert_allclose(streamed.prior_, whole.prior_)
    with pytest.raises(DataError, match="got no batch"):
        EMPrior(head=LDA()).fit_batches(pair.Xs, pair.ys, [])
