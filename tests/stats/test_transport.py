"""Sliced Wasserstein against scipy on one line, and its identities."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.stats.transport import directions, sliced_wasserstein


def test_a_translation_costs_its_length_along_the_lines() -> None:
    rng = np.random.default_rng(0)
    x, shift = rng.standard_normal((300, 5)), np.array([1.0, -2, 0, 0, 0.5])
    lines = directions(5, 4000, rng)
    found = sliced_wasserstein(x @ lines, (x + shift) @ lines)
    assert found == pytest.approx(np.linalg.norm(shift) / np.sqrt(5), rel=0.05)


def test_order_does_not_matter_and_equal_samples_cost_nothing() -> None:
    rng = np.random.default_rng(1)
    x = rng.standard_normal((40, 3))
    assert sliced_wasserstein(x, rng.permutation(x, axis=0)) == pytest.approx(0, abs=1e-12)


def test_unlike_sizes_are_compared_by_quantiles() -> None:
    rng = np.random.default_rng(2)
    x, y = rng.standard_normal((4000, 1)), 2 * rng.standard_normal((3000, 1))
    assert sliced_wasserstein(x, y) == pytest.approx(1.0, abs=0.08)  # |sigma1 - sigma2| for two normals


def test_directions_have_length_one() -> None:
    np.testing.assert_allclose(np.linalg.norm(directions(7, 9, np.random.default_rng(0)), axis=0), 1)
