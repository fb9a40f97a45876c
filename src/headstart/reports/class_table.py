"""Per class: how many samples, how many of them are found (recall), how many of the answers are right (precision)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from headstart.reports.confusions import counts_of
from headstart.strategies.findings import Findings


@dataclass(frozen=True)
class ClassRow:
    """One class. `recall` and `precision` are None where no sample, or no answer, was there to count.

    labelled  labelled samples in the data set
    n         held-out samples of the class
    """

    name: str
    labelled: int
    n: int
    recall: float | None
    precision: float | None


def class_table(findings: Findings) -> list[ClassRow]:
    """One row per class, in the order of the task."""
    counts = counts_of(findings.confusion, len(findings.classes))
    right, of_truth, of_answers = counts.diagonal(), counts.sum(axis=1), counts.sum(axis=0)
    return [
        ClassRow(
            name=name,
            labelled=findings.class_counts[code] if code < len(findings.class_counts) else 0,
            n=int(of_truth[code]),
            recall=_ratio(right[code], of_truth[code]),
            precision=_ratio(right[code], of_answers[code]),
        )
        for code, name in enumerate(findings.classes)
    ]


def hardest(rows: Sequence[ClassRow], most: int) -> list[ClassRow]:
    """The classes found least often; those without held-out samples are left out."""
    measured = [row for row in rows if row.recall is not None]
    return sorted(measured, key=lambda row: (row.recall, -row.n))[:most]


def _ratio(part: np.int64, whole: np.int64) -> float | None:
    return float(part / whole) if whole else None
