"""Recall and precision per class agree with scikit-learn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from headstart.reports.class_table import class_table, hardest
from headstart.strategies.findings import Findings


@pytest.mark.parametrize("n_classes", [2, 7])
def test_the_numbers_are_scikit_learns(photos: Findings, n_classes: int) -> None:
    rng = np.random.default_rng(n_classes)
    truth, predicted = rng.integers(0, n_classes, (2, 200))
    counts = confusion_matrix(truth, predicted)
    findings = replace(
        photos, classes=tuple("abcdefg"[:n_classes]), class_counts=(3,) * n_classes, confusion=tuple(map(tuple, counts))
    )
    precision, recall, _, support = precision_recall_fscore_support(truth, predicted)
    rows = class_table(findings)
    assert [row.recall for row in rows] == pytest.approx(list(recall))
    assert [row.precision for row in rows] == pytest.approx(list(precision))
    assert [row.n for row in rows] == list(support)


def test_what_cannot_be_counted_is_none(photos: Findings) -> None:
    table = class_table(
        replace(photos, classes=("a", "b", "c"), class_counts=(1, 2), confusion=((3, 0, 0), (1, 0, 0), (0, 0, 0)))
    )
    assert [row.recall for row in table] == [1.0, 0.0, None]
    assert [row.precision for row in table] == [0.75, None, None]
    assert [row.labelled for row in table] == [1, 2, 0]


def test_without_held_out_rows_only_the_counts_are_there(photos: Findings) -> None:
    rows = class_table(replace(photos, confusion=()))
    assert [row.labelled for row in rows] == list(photos.class_counts)
    assert all(row.recall is None and row.precision is None for row in rows)


def test_the_hardest_classes_are_those_found_least_often(photos: Findings) -> None:
    rows = class_table(photos)
    assert [row.recall for row in hardest(rows, 2)] == sorted(row.recall for row in rows if row.recall is not None)[:2]
