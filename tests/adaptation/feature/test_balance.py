"""Where only the domains differ the balance is low, where only the classes do it is high."""

from __future__ import annotations

import numpy as np

from headstart.adaptation.feature.balance import apart, estimated_balance


def rows(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    y = np.repeat([0, 1], n // 2)
    return rng.normal(size=(n, 4)) + 3 * np.eye(2, 4)[y], y


def test_distance_is_0_for_one_and_2_for_two_worlds() -> None:
    first, second = rows(200, 0)[0], rows(200, 1)[0]
    assert apart(first, second) < 0.4
    assert apart(first, second + 50) == 2.0


def test_the_balance_says_which_differs() -> None:
    (X, y), (Z, t) = rows(200, 0), rows(200, 1)
    whole = estimated_balance(X, y, Z + np.array([0, 0, 4, 0]), t, 2)
    swapped = Z + np.where(t[:, None] == 0, 1, -1) * np.array([0, 0, 2.5, 0])
    classes = estimated_balance(X, y, swapped, t, 2)
    assert 0.4 < whole < 0.6  # a moved domain moves its classes as well
    assert classes > whole + 0.05


def test_nothing_to_tell_is_half() -> None:
    X, y = rows(8, 0)
    assert estimated_balance(X[:3], y[:3], X[:3], y[:3], 2) == 0.5
