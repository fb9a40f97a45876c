"""Methods of moments learn the same maps from shipped moments as from rows."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.adaptation import ADAPTERS
from headstart.heads.lda import LDA
from headstart.heads.moments import Moments

from ..worlds import moved

NAMES = sorted(name for name in ADAPTERS if ADAPTERS[name].moments_only and not ADAPTERS[name].needs_target_labels)


def moments(X: np.ndarray) -> Moments:
    total = None
    for part in np.array_split(X, 4):
        each = Moments.of(part, np.zeros(len(part), int), np.ones(len(part)), 1, scatter=True)
        total = each if total is None else total + each
    assert total is not None
    return total


def test_there_are_some() -> None:
    assert {"batch_norm", "coral", "geodesic", "linear_map", "subspace"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_maps_are_the_same(name: str) -> None:
    pair = moved()
    params = {"components": 3} if name in ("subspace", "geodesic") else {}
    rows = ADAPTERS[name](head=LDA(), **params).fit(pair.Xs, pair.ys, pair.Xt)
    shipped = ADAPTERS[name](**params).fit_moments(moments(pair.Xs), moments(pair.Xt))
    gram = [each.transform_source(pair.Xs) @ each.transform(pair.Xt).T for each in (rows, shipped)]
    np.testing.assert_allclose(gram[0], gram[1], atol=1e-8)  # axes may differ in sign, inner products may not


@pytest.mark.parametrize("name", NAMES)
def test_class_moments_bring_the_head_along(name: str) -> None:
    pair = moved()
    head, names = LDA(shrinkage=0.1), ["ant", "bee", "cat"]
    rows = ADAPTERS[name](head=head).fit(pair.Xs, np.array(names)[pair.ys], pair.Xt)
    by_class = Moments.of(pair.Xs, pair.ys, np.ones(len(pair.ys)), 3, scatter=True)
    shipped = ADAPTERS[name](head=head).fit_moments(by_class, moments(pair.Xt), names)
    np.testing.assert_array_equal(shipped.predict(pair.Xt), rows.predict(pair.Xt))
