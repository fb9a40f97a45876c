"""Rows of numbers for a network: length and finiteness are checked once, here."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import sparse

from headstart.backbones.vector_preparation import VectorPreparation
from headstart.errors import DataError


@pytest.mark.parametrize("row", [np.array([1, 0, 2]), np.array([[1.0, 0.0, 2.0]]), sparse.csr_matrix([[1, 0, 2]])])
def test_dense_and_sparse_rows_become_the_same(row):
    assert torch.equal(VectorPreparation(inputs=3).prepare(row), torch.tensor([1.0, 0.0, 2.0]))


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (np.ones(4), "a row of 4 numbers; this network takes 3"),
        (np.array([1, np.nan, 2]), "NaN"),
        (np.array([1e300, 0, 0]), "infinity"),
        (np.array(["a", "b", "c"]), "must hold numbers"),
        ("abc", "this network takes 3"),
    ],
)
@pytest.mark.filterwarnings("ignore:overflow")
def test_other_rows_are_refused(row, message):
    with pytest.raises(DataError, match=message):
        VectorPreparation(inputs=3).prepare(row)
