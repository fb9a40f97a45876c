"""What more labels would bring."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.planning.label_curve import label_curve
from headstart.planning.left_out import left_out


def world(n: int, d: int, apart: float) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    labels = np.arange(n) % 2
    return rng.normal(size=(n, d)) + apart * labels[:, None] / d**0.5, labels


def test_it_rises_where_there_is_more_to_learn() -> None:
    X = np.random.default_rng(1).normal(size=(240, 40))
    labels = (X.sum(axis=1) > 0).astype(np.int64)  # all columns have to be found
    curve = label_curve(X, labels, 2)
    assert [point.n for point in curve.points] == [30, 60, 120, 240]
    values = [point.accuracy.value for point in curve.points]
    assert values[-1] > values[0] + 0.03
    score = left_out(X, labels).score()
    assert score is not None
    assert values[-1] == pytest.approx(score.value)  # in the coordinates of the spectrum nothing changes
    assert curve.beyond is not None
    assert curve.beyond.n == 480
    assert curve.rise > 0


def test_it_is_flat_where_all_is_known() -> None:
    curve = label_curve(*world(200, 3, 20.0), 2)
    assert curve.points[-1].accuracy.value == 1
    assert curve.rise == pytest.approx(0, abs=0.01)


def test_too_few_rows_give_none() -> None:
    X, labels = world(30, 4, 2.0)
    assert label_curve(X, labels, 2).points == ()
    assert np.isnan(label_curve(X, labels, 2).rise)
    X, labels = world(60, 4, 2.0)
    labels[0] = 2
    assert label_curve(X, labels, 3).points == ()
