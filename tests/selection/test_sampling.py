"""Growing samples: nested, independent, with the classes' shares."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.data.dataset import Dataset
from headstart.data.samples import VectorRows
from headstart.problem import Domain, Task
from headstart.selection.sampling import growing_samples, independent_rows, stratified_order


def dataset(labels: list[int], *, groups: list[str] | None = None, copies: bool = False) -> Dataset:
    X = np.arange(len(labels), dtype=np.float32)[:, None] // (2 if copies else 1)
    ids = tuple(str(row) for row in range(len(labels)))
    task = Task(tuple(str(code) for code in range(max(labels) + 1)))
    grouped = None if groups is None else tuple(groups)
    return Dataset(Domain("vector"), task, VectorRows(X), np.array(labels), ids, groups=grouped)


def test_samples_are_nested_and_end_at_all_or_at_the_limit() -> None:
    data, rows = dataset([row % 4 for row in range(1200)]), np.arange(1000)
    small, middle, whole = growing_samples(data, rows, first=10, most=600)
    assert [len(small), len(middle), len(whole)] == [32, 256, 600]
    assert set(small) < set(middle) < set(whole)
    assert [len(each) for each in growing_samples(data, rows, first=10, most=5000)] == [32, 256, 1000]
    assert [len(each) for each in growing_samples(data, rows, most=100)] == [100]
    assert not np.array_equal(growing_samples(data, rows, first=10, seed=1)[0], small)


def test_every_beginning_has_the_classes_in_their_shares() -> None:
    labels = np.array([0] * 700 + [1] * 290 + [2] * 10)
    order = stratified_order(labels, seed=0)
    assert sorted(order) == list(range(1000))
    assert sorted(labels[order[:6]]) == [0, 0, 1, 1, 2, 2]
    shares = np.bincount(labels[order[:200]]) / 200
    assert shares == pytest.approx([0.7, 0.29, 0.01], abs=0.02)


def test_one_row_of_each_group_and_of_each_content() -> None:
    labels = [0, 0, 1, 1, -1, 1]
    labelled = np.array([0, 1, 2, 3, 5])
    rows = independent_rows(dataset(labels, groups=["a", "a", "b", "c", "d", "c"]), labelled, seed=0)
    assert len(rows) == 3
    assert len({["a", "a", "b", "c", "d", "c"][row] for row in rows}) == 3
    assert len(independent_rows(dataset([0, 0, 1, 1], copies=True), np.arange(4), seed=0)) == 2
