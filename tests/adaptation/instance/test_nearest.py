"""Neighbour counts against a loop."""

from __future__ import annotations

import numpy as np

from headstart.adaptation.instance.nearest import neighbour_counts


def test_counts_are_those_of_a_loop() -> None:
    rng = np.random.default_rng(0)
    Xs, Xt = rng.normal(size=(30, 4)), rng.normal(size=(1500, 4))
    expected = np.ones(30)
    for row in Xt:
        expected[np.linalg.norm(Xs - row, axis=1).argmin()] += 1
    np.testing.assert_array_equal(neighbour_counts(Xs, Xt), expected)
