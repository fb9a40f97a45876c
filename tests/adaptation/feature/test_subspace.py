"""Subspace alignment against the paper's formula, and the axes it starts from."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.decomposition import PCA

from headstart.adaptation.feature.spread import Spread
from headstart.adaptation.feature.subspace import SubspaceAlignment, leading_axes
from headstart.errors import DataError
from headstart.heads.lda import LDA

from ..worlds import moved


def test_inner_products_are_those_of_the_paper() -> None:
    pair = moved(80)
    adapter = SubspaceAlignment(components=3, head=LDA()).fit(pair.Xs, pair.ys, pair.Xt)
    Ps, Pt = (PCA(3).fit(X).components_.T for X in (pair.Xs, pair.Xt))
    centred = pair.Xs - pair.Xs.mean(axis=0), pair.Xt - pair.Xt.mean(axis=0)
    expected = centred[0] @ Ps @ Ps.T @ Pt @ Pt.T @ centred[1].T  # the similarity of eq. 4
    found = adapter.transform_source(pair.Xs) @ adapter.transform(pair.Xt).T
    np.testing.assert_allclose(found, expected, atol=1e-8)


def test_axes_of_a_domain_that_does_not_vary() -> None:
    constant, other = Spread.of(np.ones((5, 4))), Spread.of(np.random.default_rng(0).normal(size=(9, 4)))
    Ps, Pt = leading_axes(constant, other, 3)
    assert Ps.shape == Pt.shape == (4, 1)
    with pytest.raises(DataError, match="components must be at least 1"):
        leading_axes(other, other, 0)
