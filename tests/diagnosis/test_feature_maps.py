"""What the omnibus test looks at."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.diagnosis.feature_maps import MOST_PAIRED, blocks_of


@pytest.mark.parametrize(("n", "d"), [(60, 5), (20, 100)])
def test_every_block_is_centred_and_finite(n: int, d: int) -> None:
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n, d)).astype(np.float32)
    X[:, 0] = 0
    for block in blocks_of(X, rng=rng):
        assert np.isfinite(block.values).all()
        np.testing.assert_allclose(block.values.mean(axis=0), 0, atol=1e-5)


def test_products_are_of_all_pairs_up_to_a_width() -> None:
    rng = np.random.default_rng(1)
    widths = {
        d: {b.name: b.values.shape[1] for b in blocks_of(rng.standard_normal((300, d)), rng=rng)} for d in (7, 90)
    }
    assert widths[7]["products"] == 7 * 6 // 2
    assert widths[90]["products"] == MOST_PAIRED * (MOST_PAIRED - 1) // 2


def test_order_of_rows_only_orders_rows() -> None:
    X = np.random.default_rng(2).standard_normal((40, 4))
    order = np.random.default_rng(3).permutation(40)
    for first, second in zip(
        blocks_of(X, rng=np.random.default_rng(0)), blocks_of(X[order], rng=np.random.default_rng(0)), strict=True
    ):
        np.testing.assert_allclose(np.abs(first.values[order]), np.abs(second.values), atol=1e-6)


def test_shapes_depend_on_ranks_alone() -> None:
    X = np.random.default_rng(4).standard_normal((50, 3))
    shapes = [{b.name: b for b in blocks_of(one, rng=np.random.default_rng(0))}["shapes"] for one in (X, np.exp(X))]
    np.testing.assert_allclose(shapes[0].values, shapes[1].values, atol=1e-12)
