"""The distance of labelled sets: zero for equal ones, growing with shift and with relabelling, blind to names."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from headstart.errors import DataError
from headstart.selection.labelled import LabelledFeatures
from headstart.selection.otdd import SlicedOTDD

Builder = Callable[..., tuple[np.ndarray, np.ndarray]]


def distance(X: np.ndarray, y: np.ndarray, Xs: np.ndarray, ys: np.ndarray) -> float:
    source = LabelledFeatures.of(Xs, ys)
    return SlicedOTDD().measure(LabelledFeatures.of(X, y, source=source)).value


def test_grows_with_what_differs(world: Builder) -> None:
    X, y = world(100, 8, 4, apart=4)
    assert distance(X, y, X, y) == pytest.approx(0, abs=1e-12)
    assert distance(X, y, X, (y + 1) % 4) == pytest.approx(0, abs=1e-12)  # only names differ
    shifted = [distance(X, y, X + shift, y) for shift in (0.1, 0.5, 2.0)]
    assert shifted == sorted(shifted)
    merged, mixed = distance(X, y, X, y // 2), distance(X, y, X, np.random.default_rng(0).permutation(y))
    assert 0 < merged < mixed  # the same rows: only the labels' shapes differ


def test_scale_shift_and_rotation_of_both_do_not_matter(world: Builder) -> None:
    X, y = world(60, 6, 3)
    Xs, ys = world(50, 6, 3, seed=1)
    expected = distance(X, y, Xs, ys)
    assert distance(9 * X + 4, y, 9 * Xs + 4, ys) == pytest.approx(expected)
    rotation = np.linalg.qr(np.random.default_rng(2).normal(size=(6, 6)))[0]
    assert distance(X @ rotation, y, Xs @ rotation, ys) == pytest.approx(expected, rel=0.1)  # other random lines


def test_needs_one_space(world: Builder) -> None:
    with pytest.raises(DataError, match="the target has 6 columns and the source 4; extract both with one backbone"):
        distance(*world(20, 6, 2), *world(20, 4, 2))
