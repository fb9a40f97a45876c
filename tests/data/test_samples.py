"""A digest follows the content of a sample and nothing else."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

from headstart.data.samples import LazyRows, VectorRows, digest


def test_a_file_its_bytes_and_a_copy_have_one_digest(tmp_path: Path) -> None:
    for name in ("a.jpg", "b.png"):
        (tmp_path / name).write_bytes(b"same")
    expected = hashlib.sha256(b"same").digest()
    assert digest(tmp_path / "a.jpg") == digest(tmp_path / "b.png") == digest(b"same") == digest("same") == expected


def test_arrays_differ_by_value_shape_and_type() -> None:
    row = np.arange(4.0)
    others = [row + 1, row.reshape(2, 2), row.astype(np.float32)]
    assert len({digest(row), *map(digest, others)}) == 4
    assert digest(row) == digest(np.arange(8.0)[::2] / 2)


def test_sparse_rows_do_not_depend_on_the_order_of_their_indices() -> None:
    tidy = sparse.csr_matrix(np.array([[0, 2.0, 0, 5.0]]))
    loose = sparse.csr_matrix((tidy.data[::-1].copy(), tidy.indices[::-1].copy(), tidy.indptr), shape=tidy.shape)
    assert digest(tidy) == digest(loose)
    assert digest(tidy) != digest(sparse.csr_matrix(np.array([[0, 2.0, 5.0, 0]])))


@pytest.mark.parametrize("matrix", [np.arange(12.0).reshape(4, 3), sparse.csr_matrix(np.eye(4))])
def test_rows_of_a_matrix_are_chosen_without_being_made(matrix: np.ndarray) -> None:
    rows = VectorRows(matrix)
    assert isinstance(rows, LazyRows)
    assert len(rows) == 4
    chosen = rows.take([3, 1])
    assert [digest(row) for row in chosen] == [digest(rows[3]), digest(rows[1])]
    assert len(rows[1:3]) == 2
