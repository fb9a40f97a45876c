"""What is checked and encoded before any method sees it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import sparse

from headstart.adaptation.domains import Domains, all_alike, dense, in_bytes, target_codes, unknown
from headstart.errors import DataError

X = np.arange(12.0).reshape(4, 3)


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (np.array([1, -1, 0]), [False, True, False]),
        (np.array([1.0, np.nan, -1.0]), [False, True, True]),
        (np.array(["a", "", "b"]), [False, True, False]),
        (np.array(["a", None, -1, float("nan")], dtype=object), [False, True, True, True]),
        (np.array([True, False]), [False, False]),
    ],
)
def test_what_counts_as_unknown(labels: Any, expected: list[bool]) -> None:
    assert unknown(labels).tolist() == expected


def test_labels_of_any_kind_become_codes() -> None:
    found = Domains.of(X, ["b", "a", "b", "c"], X, np.array(["c", None, "a", ""], dtype=object))
    assert found.classes.tolist() == ["a", "b", "c"]
    assert found.ys.tolist() == [1, 0, 1, 2]
    assert found.yt.tolist() == [2, -1, 0, -1]
    assert found.known.tolist() == [True, False, True, False]


def test_sparse_rows_stay_sparse_where_allowed() -> None:
    found = Domains.of(sparse.coo_matrix(X), [0, 1, 0, 1], X, accepts_sparse=True)
    assert sparse.issparse(found.Xs)
    assert found.Xs.format == "csr"


def test_misuse() -> None:
    with pytest.raises(DataError, match="2 source rows have no label"):
        Domains.of(X, [-1, 1, -1, 0], X)
    with pytest.raises(DataError, match="source has 4 rows and its labels has 3"):
        Domains.of(X, [0, 1, 0], X)
    with pytest.raises(DataError, match="target has 4 rows and its labels has 2"):
        Domains.of(X, [0, 1, 0, 1], X, [0, 1])
    with pytest.raises(DataError, match="NaN or infinity"):
        Domains.of(sparse.csr_matrix(np.where(X == 5, np.nan, X)), [0, 1, 0, 1], X, accepts_sparse=True)
    with pytest.raises(DataError, match="all 4 rows of the source are alike"):
        Domains.of(np.ones((4, 3)), [0, 1, 0, 1], X)
    with pytest.raises(DataError, match="all 4 rows of the source are alike"):
        Domains.of(sparse.csr_matrix((4, X.shape[1])), [0, 1, 0, 1], X, accepts_sparse=True)
    with pytest.raises(DataError, match=r"one class only .*add rows of another class"):
        Domains.of(X, [0, 0, 0, 0], X)
    with pytest.raises(DataError, match="empty"):
        Domains.of(sparse.csr_matrix((0, 3)), [], X, accepts_sparse=True)
    with pytest.raises(DataError, match=r"hold \['z'\]"):
        target_codes(["z", ""], np.array(["a", "b"]), 2)
    with pytest.raises(DataError, match="spread the sparse rows"):
        dense(sparse.csr_matrix((1000, 1000)), most_bytes=10**6, method="coral")


@pytest.mark.parametrize(("amount", "words"), [(800, "800.0 bytes"), (4320, "4.2 KiB"), (9 << 40, "9,216.0 GiB")])
def test_memory_is_told_in_a_unit_that_fits(amount: int, words: str) -> None:
    assert in_bytes(amount) == words


def test_one_other_row_far_down_is_enough_to_tell_apart() -> None:
    rows = np.ones((300, 2))
    assert all_alike(rows)
    rows[250, 1] = 2
    assert not all_alike(rows)
    assert not all_alike(rows[:1])


def test_tensors_come_over() -> None:
    import torch

    X, y = np.random.default_rng(0).normal(size=(6, 2)), np.array([0, 1] * 3)
    found = Domains.of(torch.from_numpy(X).requires_grad_(), torch.from_numpy(y), torch.from_numpy(X).bfloat16(), None)
    np.testing.assert_array_equal(found.Xs, X)
    assert found.Xt.dtype == np.float32
    np.testing.assert_array_equal(found.ys, y)
