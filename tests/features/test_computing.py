"""The forward pass reaches every row once, in bounded memory; failures are kept apart and told with names."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from headstart.errors import DataError
from headstart.features import computing
from headstart.features.computing import Effort, Failures, as_rows, forward


def run(backbone, items, rows=None, **options):
    failures = Failures()
    effort = Effort(batch_size=options.pop("batch_size", 4), threads=options.pop("threads", 2))
    batches = list(
        forward(items, range(len(items)) if rows is None else rows, backbone, ["last"], pooling="mean", effort=effort,
                failures=failures, **options)
    )  # fmt: skip
    return batches, failures


def test_only_the_rows_asked_for(counting):
    backbone, items = counting(), [f"text {n}" for n in range(20)]
    batches, failures = run(backbone, items, rows=[3, 17, 5])
    assert sorted(row for batch in batches for row in batch.rows) == [3, 5, 17] and not failures.reasons
    for batch in batches:
        for row, values in zip(batch.rows, batch.values["last"], strict=True):
            np.testing.assert_array_equal(values, backbone.expected(items[row]))


def test_few_items_are_prepared_before_they_are_needed(counting):
    backbone, items, ahead = counting(), [b"%03d" % n for n in range(200)], []
    backbone.before_embed = lambda: ahead.append(backbone.prepared - backbone.rows)
    run(backbone, items, batch_size=5)
    assert len(backbone.passes) == 40 and max(ahead) <= 5 * 6


def test_failures_and_non_finite_rows_are_left_out(counting):
    batches, failures = run(counting(), ["a", "bad", "nan", "b"])
    assert sorted(row for batch in batches for row in batch.rows) == [0, 3]
    assert failures.reasons == {
        1: "cannot be decoded", 2: "the network gives NaN or infinity for it at layer 'last'"
    }  # fmt: skip


def test_torch_threads_are_put_back(counting):
    backbone, seen, before = counting(), [], torch.get_num_threads()
    backbone.before_embed = lambda: seen.append(torch.get_num_threads())
    run(backbone, ["a"], threads=before + 1)
    assert seen == [before + 1] and torch.get_num_threads() == before


def test_passes_run_side_by_side_only_where_threads_share_their_memory(monkeypatch):
    monkeypatch.setattr(computing, "one_arena", lambda: True)
    assert Effort(batch_size=4, threads=2).shares(8) == (2, 1)
    assert Effort(batch_size=4, threads=2).shares(3) == (1, 2)
    assert Effort(batch_size=4, threads=16).shares(1000) == (4, 4)
    monkeypatch.setattr(computing, "one_arena", lambda: False)
    assert Effort(batch_size=4, threads=2).shares(8) == (1, 2)


def test_a_mistake_in_the_code_is_not_taken_for_bad_data(counting):
    backbone = counting()
    backbone.prepare = lambda item: {}["missing"]
    with pytest.raises(KeyError):
        run(backbone, ["a"])


def test_long_lists_of_failures_are_cut():
    failures = Failures(dict.fromkeys(range(30), "broken"))
    with pytest.raises(DataError) as caught:
        failures.raise_if_any([f"file{row}" for row in range(40)])
    assert "30 of 40 samples" in str(caught.value) and "and 20 more" in str(caught.value)
    assert "file9: broken" in str(caught.value) and "file10" not in str(caught.value)
    Failures().raise_if_any(["a"])


def test_tensors_become_single_precision_rows():
    rows = as_rows(torch.ones(2, 3, dtype=torch.bfloat16, requires_grad=True))
    assert rows.dtype == np.float32 and rows.shape == (2, 3)
