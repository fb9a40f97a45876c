"""The closed-form kernel against a numerical integral along the geodesic."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import linalg

from headstart.adaptation.feature.geodesic import GeodesicFlow, geodesic_root
from headstart.adaptation.feature.subspace import SubspaceAlignment
from headstart.heads.lda import LDA

from ..worlds import moved


@pytest.mark.parametrize(("d", "k"), [(3, 1), (8, 3), (6, 5), (40, 10)])
def test_it_is_the_integral_over_the_way(d: int, k: int) -> None:
    rng = np.random.default_rng(d + k)
    Ps, Pt = (np.linalg.qr(rng.normal(size=(d, k)))[0] for _ in range(2))
    # the geodesic by the matrix logarithm of Edelman, Arias & Smith (1998): expm of a skew generator
    rest = linalg.null_space(Ps.T)
    U, cosines, Vt = linalg.svd(Ps.T @ Pt)
    theta = np.arccos(np.clip(cosines, -1, 1))
    away = rest @ rest.T @ Pt @ Vt.T
    directions = away / np.maximum(np.linalg.norm(away, axis=0), 1e-300) * (theta > 1e-9)
    generator = directions @ np.diag(theta) @ U.T @ Ps.T
    generator = generator - generator.T
    nodes, weights = np.polynomial.legendre.leggauss(20)
    total = np.zeros((d, d))
    for node, weight in zip((nodes + 1) / 2, weights / 2, strict=True):
        frame = linalg.expm(node * generator) @ Ps
        total += weight * frame @ frame.T
    np.testing.assert_allclose(linalg.expm(generator) @ Ps @ Ps.T @ linalg.expm(generator).T, Pt @ Pt.T, atol=1e-8)
    root = geodesic_root(Ps, Pt)
    assert root.shape == (d, 2 * k)
    np.testing.assert_allclose(root @ root.T, total, atol=1e-8)


def test_equal_subspaces_are_one_projection() -> None:
    P = np.linalg.qr(np.random.default_rng(0).normal(size=(7, 2)))[0]
    root = geodesic_root(P, P)
    np.testing.assert_allclose(root @ root.T, P @ P.T, atol=1e-9)


def test_the_axes_are_those_of_the_domains() -> None:
    pair = moved(60)
    adapter = GeodesicFlow(components=2, head=LDA()).fit(pair.Xs, pair.ys, pair.Xt)
    axes = SubspaceAlignment(components=2, head=LDA()).fit(pair.Xs, pair.ys, pair.Xt).target_map_
    spanned = adapter.map_ @ np.linalg.lstsq(adapter.map_, axes, rcond=None)[0]
    np.testing.assert_allclose(spanned, axes, atol=1e-8)
