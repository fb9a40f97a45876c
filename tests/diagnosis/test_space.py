"""The common space keeps distances, forgets units, and does not know which side a row is on."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import pdist

from headstart.diagnosis.space import common_space


def test_it_is_a_rotation_of_the_standardised_columns() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((40, 5)) * [1, 10, 0.1, 3, 2] + 4, rng.standard_normal((30, 5))
    space = common_space(a, b, named=True)
    z = space.standardised(a)
    np.testing.assert_allclose(pdist(space.map(a)) * space.unit, pdist(z), rtol=1e-4)
    assert space.share(5) == pytest.approx(1)
    assert 0 < space.share(2) < 1


def test_unnamed_columns_keep_their_scale_unless_some_spread_much_farther() -> None:
    rng = np.random.default_rng(4)
    a, b = rng.standard_normal((40, 5)) * [1, 2, 1, 3, 1], rng.standard_normal((30, 5))
    space = common_space(a, b)
    np.testing.assert_allclose(pdist(space.map(a)) * space.unit, pdist(a), rtol=1e-4)
    a[:, 2] *= 1000
    space = common_space(a, b)
    np.testing.assert_allclose(pdist(space.map(a)) * space.unit, pdist(space.standardised(a)), rtol=1e-4)


def test_sides_may_be_swapped() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.standard_normal((20, 4)), rng.standard_normal((20, 4)) + 1
    np.testing.assert_allclose(np.abs(common_space(a, b).map(a)), np.abs(common_space(b, a).map(a)), atol=1e-4)


def test_fewer_rows_than_columns_and_constant_columns() -> None:
    rng = np.random.default_rng(2)
    a, b = rng.standard_normal((6, 50)), rng.standard_normal((7, 50))
    a[:, 3] = b[:, 3] = 2.5
    space = common_space(a, b)
    assert space.map(a).shape == (6, 12)
    assert not space.standardised(a)[:, 3].any()
    assert np.isfinite(common_space(np.ones((3, 2)), np.ones((4, 2))).map(np.ones((3, 2)))).all()
