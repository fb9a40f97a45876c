"""Votes of neighbours by hand."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.heads.neighbour_votes import SHARPNESS, left_out_votes, nearest, vote_shares


def test_nearest_are_sorted_and_no_more_than_there_are() -> None:
    cosines = np.array([[0.1, 0.9, 0.5], [0.2, 0.2, 0.2]])
    order, values = nearest(cosines, 2)
    assert order.tolist() == [[1, 2], [0, 1]]
    assert values.tolist() == [[0.9, 0.5], [0.2, 0.2]]
    assert nearest(cosines, 9)[0].shape == (2, 3)


def test_votes_weigh_by_cosine() -> None:
    shares = vote_shares(np.array([[0, 1]]), np.array([[0.9, 0.83]]), np.array([0, 1]), np.array([1.0, 2.0]), 2)
    second = 2 * np.exp(-0.07 / SHARPNESS)
    assert shares[0] == pytest.approx(np.array([1.5, second + 0.5]) / (2 + second))


def test_no_row_votes_for_itself() -> None:
    rows = np.eye(3)[[0, 0, 1, 2]]
    found = left_out_votes(rows, np.array([0, 1, 2, 3]), np.ones(4), [1], 4)[0]
    assert found[:2].argmax(axis=1).tolist() == [1, 0]
