"""Mapped moments are those of mapped rows, and heads that need rows are refused."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.adaptation.feature.moment_head import head_on_moments, mapped_moments
from headstart.errors import DataError
from headstart.heads.lda import LDA
from headstart.heads.logistic import Logistic
from headstart.heads.moments import Moments

from ..worlds import same


def of(X: np.ndarray, y: np.ndarray) -> Moments:
    return Moments.of(X, y, np.ones(len(y)), 3, scatter=True)


def test_moments_after_a_map_are_those_of_the_rows_after_it() -> None:
    pair = same(80)
    A, b = np.random.default_rng(0).normal(size=(5, 7)), np.arange(7.0)
    found, wanted = mapped_moments(of(pair.Xs, pair.ys), lambda X: X @ A + b), of(pair.Xs @ A + b, pair.ys)
    np.testing.assert_allclose(found.means, wanted.means)
    np.testing.assert_allclose(found.scatter, wanted.scatter, atol=1e-8)


def test_a_head_on_moments_answers_as_one_on_rows() -> None:
    pair = same(80)
    rows = LDA(shrinkage=0.2).fit(pair.Xs, pair.ys)
    shipped = head_on_moments(LDA(shrinkage=0.2), of(pair.Xs, pair.ys), np.arange(3))
    np.testing.assert_allclose(shipped.coef_, rows.coef_, atol=1e-8)
    np.testing.assert_allclose(shipped.intercept_, rows.intercept_, atol=1e-8)


def test_misuse() -> None:
    pair = same(30)
    with pytest.raises(DataError, match="Logistic cannot be fitted on moments"):
        head_on_moments(Logistic(), of(pair.Xs, pair.ys), np.arange(3))
    with pytest.raises(DataError, match="tell 3 classes apart, 2 were named"):
        head_on_moments(None, of(pair.Xs, pair.ys), np.arange(2))
    with pytest.raises(DataError, match="hold no scatter"):
        mapped_moments(Moments.of(pair.Xs, pair.ys, np.ones(30), 3, scatter=False), lambda X: X)
