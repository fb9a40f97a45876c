"""The whole of an extraction where nothing is stored, and its progress bar."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.errors import DataError
from headstart.features.computing import Effort
from headstart.features.job import Job, compute_all


def job(backbone, dataset, **options):
    return Job(dataset=dataset, backbone=backbone, layers=["low", "last"], pooling="mean", effort=Effort(), **options)


def test_rows_stand_in_the_datasets_order_and_nothing_is_rounded(counting, dataset_of):
    backbone, items = counting(), [f"{'z' * (n % 5)} {n}" for n in range(50)]
    blocks = compute_all(job(backbone, dataset_of(items)))
    for layer in ("low", "last"):
        np.testing.assert_array_equal(blocks[layer].X, np.stack([backbone.expected(item, layer) for item in items]))
        assert blocks[layer].computed == 50


def test_failures_are_told_at_the_end(counting, dataset_of):
    backbone = counting()
    with pytest.raises(DataError, match="row 1: cannot be decoded"):
        compute_all(job(backbone, dataset_of(["a", "bad", "b"])))
    assert backbone.rows == 2


def test_progress_is_shown_when_asked_for(counting, dataset_of, capsys):
    compute_all(job(counting(), dataset_of(["a", "b", "c"]), progress=True))
    shown = capsys.readouterr()
    assert "counting" in shown.err and "3/3" in shown.err and not shown.out
    compute_all(job(counting(), dataset_of(["a", "b", "c"])))
    assert not capsys.readouterr().err
