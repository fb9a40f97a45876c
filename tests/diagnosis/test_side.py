"""One side from plain arrays."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.diagnosis.side import Side
from headstart.errors import DataError


def test_names_become_codes_in_natural_order() -> None:
    side = Side.of(np.zeros((4, 2)), ["10", "2", None, "2"])
    assert side.task.classes == ("2", "10")
    assert side.labels.tolist() == [1, 0, -1, 0]
    assert side.labelled.tolist() == [0, 1, 3]
    np.testing.assert_allclose(side.shares, [2 / 3, 1 / 3])


def test_codes_stay_codes() -> None:
    assert Side.of(np.zeros((3, 1)), np.array([1, -1, 0]), classes=("a", "b")).labels.tolist() == [1, -1, 0]


def test_minus_one_is_a_class_where_it_is_a_name() -> None:
    side = Side.of(np.zeros((3, 1)), np.array([-1, 1, -1]))
    assert set(side.task.classes) == {"-1", "1"}
    assert len(side.labelled) == 3


def test_rows_are_taken_together() -> None:
    side = Side.of(np.arange(6.0).reshape(3, 2), ["a", "b", "a"], groups=["g", "h", "g"]).take(np.array([2, 1]))
    assert side.X.tolist() == [[4, 5], [2, 3]]
    assert side.labels.tolist() == [0, 1]
    assert list(side.groups) == ["g", "h"]


@pytest.mark.parametrize("X", [np.zeros(3), np.zeros((2, 0))])
def test_what_is_no_matrix_is_refused(X: np.ndarray) -> None:
    with pytest.raises(DataError, match="must be a matrix"):
        Side.of(X)


def test_labels_and_groups_must_match() -> None:
    with pytest.raises(DataError, match="match one to one"):
        Side.of(np.zeros((3, 2)), ["a"])
    with pytest.raises(DataError, match="match one to one"):
        Side.of(np.zeros((3, 2)), groups=["a"])
