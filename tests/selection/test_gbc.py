"""GBC against the Bhattacharyya integral, and where the published sum underflows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from headstart.selection.gbc import GBC, overlap
from headstart.selection.labelled import LabelledFeatures

Builder = Callable[..., tuple[np.ndarray, np.ndarray]]


def test_is_the_overlap_of_two_normals_in_one_dimension() -> None:
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1, 2], 40)
    x = np.array([0.0, 1.0, 3.0])[y] + np.array([1.0, 0.5, 2.0])[y] * rng.normal(size=120)
    fits = [norm(x[y == code].mean(), x[y == code].std()) for code in range(3)]
    total = sum(
        quad(lambda at, a=a, b=b: np.sqrt(a.pdf(at) * b.pdf(at)), -20, 20, limit=200)[0]
        for i, a in enumerate(fits) for j, b in enumerate(fits) if i != j
    )  # fmt: skip
    assert np.exp(-overlap(x[:, None], y)) == pytest.approx(total, rel=1e-6)


def test_far_apart_is_no_tie(world: Builder) -> None:
    """exp(-D_B) is 0 for both; their order is still seen."""
    near, far = (GBC().measure(LabelledFeatures.of(*world(60, 5, 2, apart=apart))).value for apart in (300, 900))
    assert far > near > 1000
