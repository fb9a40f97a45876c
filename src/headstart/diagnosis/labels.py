"""Label spaces and class shares: which classes each side has, how names correspond, whether shares differ, and whether
that alone explains what is seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from headstart.arrays import Labels, Matrix
from headstart.problem import LabelSets, Task
from headstart.stats.divergence import g_test, total_variation
from headstart.stats.label_shift import (
    Calibration,
    Shares,
    bbse_shares,
    bias_corrected_temperature,
    condition_number,
    em_shares,
)

ILL_CONDITIONED = 20.0


def compare_sets(source: Task, target: Task) -> LabelSets:
    """How the target's classes relate to the source's, by name.

    >>> compare_sets(Task(("a", "b", "c")), Task(("a", "b")))
    'partial'
    """
    first, second = set(source.classes), set(target.classes)
    if not first or not second:
        return "unknown"
    if first == second:
        return "closed"
    if not first & second:
        return "disjoint"
    if second < first:
        return "partial"
    return "open" if first < second else "open partial"


@dataclass(frozen=True)
class ClassMap:
    """Which target class a source class most looks like; `agreement` is the share of its rows that say so."""

    pairs: tuple[tuple[str, str, float], ...]


def class_map(called: Labels, labels: Labels, source: Task, target: Task) -> ClassMap:
    """Source and target classes matched one to one so that most rows agree (Kuhn, Naval Research Logistics 1955).

    called (m,) what the source's head calls labelled target rows, in the source's codes; labels (m,) what they are
    """
    table = np.zeros((source.n_classes, target.n_classes))
    np.add.at(table, (called, labels), 1)
    shares = table / np.maximum(table.sum(axis=0), 1)
    rows, columns = linear_sum_assignment(-shares)
    return ClassMap(tuple(
        (source.classes[row], target.classes[column], float(shares[row, column]))
        for row, column in zip(rows, columns, strict=True) if shares[row, column] > 0
    ))  # fmt: skip


@dataclass(frozen=True)
class Priors:
    """Class shares on both sides, over the classes that both have.

    how        "counted" where both sides are labelled, "estimated" from the source head's answers where not
    p          of "the shares are the same"
    cramers_v  (counted) or the estimates' total variation distance from the source's shares
    most_apart an upper bound of the total variation distance (counted): each share at the far end of its 95 % interval
    condition  of the confusion matrix (estimated): large means the shares cannot be told apart
    """

    how: Literal["counted", "estimated"]
    classes: tuple[str, ...]
    source: tuple[float, ...]
    target: tuple[float, ...]
    p: float
    cramers_v: float
    total_variation: float
    condition: float = float("nan")
    bbse: tuple[float, ...] = ()
    trusted: bool = True
    most_apart: float = float("nan")


def counted_priors(classes: tuple[str, ...], source: Labels, target: Labels, *, design_effect: float = 1.0) -> Priors:
    """From labels in codes of `classes`; design_effect > 1 discounts counts of rows that come in groups."""
    counts = np.stack([np.bincount(side, minlength=len(classes)) for side in (source, target)]).astype(float)
    found = g_test(counts / design_effect)
    totals = counts.sum(axis=1, keepdims=True)
    shares = counts / totals
    errors = np.sqrt((shares * (1 - shares) * design_effect / totals).sum(axis=0))
    apart = total_variation(shares[0], shares[1])
    return Priors(
        "counted", classes, tuple(shares[0].tolist()), tuple(shares[1].tolist()), found.p, found.cramers_v, apart,
        most_apart=float((np.abs(shares[0] - shares[1]) + 1.96 * errors).sum() / 2),
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class HeldOut:
    """What the source head says of source rows it never saw (n, C), what they are (n,), and of target rows (m, C)."""

    source: Matrix
    labels: Labels
    target: Matrix

    @property
    def calibration(self) -> Calibration:
        return bias_corrected_temperature(self.source, self.labels)


def estimated_priors(classes: tuple[str, ...], answers: HeldOut) -> Priors:
    """Without target labels: EM on calibrated answers, BBSE beside it. Holds only where P(X given Y) did not change."""
    n_classes = len(classes)
    shares = np.bincount(answers.labels, minlength=n_classes) / len(answers.labels)
    em = em_shares(answers.calibration.apply(answers.target), shares)
    joint, predicted = confusion_joint(answers)
    bbse: Shares = bbse_shares(joint, predicted)
    condition = condition_number(joint)
    distance = total_variation(shares, em.shares)
    return Priors(
        "estimated", classes, tuple(shares.tolist()), tuple(em.shares.tolist()), em.p, distance, distance, condition,
        tuple(bbse.shares.tolist()), condition <= ILL_CONDITIONED,
    )  # fmt: skip


def confusion_joint(answers: HeldOut) -> tuple[Matrix, NDArray[np.float64]]:
    """P(called i, is j) on the source (C, C), and the shares of calls on the target (C,)."""
    n_classes = answers.source.shape[1]
    joint = np.zeros((n_classes, n_classes))
    np.add.at(joint, (answers.source.argmax(axis=1), answers.labels), 1 / len(answers.labels))
    return joint, np.bincount(answers.target.argmax(axis=1), minlength=n_classes) / len(answers.target)


def resampled(labels: Labels, wanted: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Rows of a labelled side, drawn without replacement, whose class shares are `wanted`; as many as there can be."""
    counts = np.bincount(labels, minlength=len(wanted))
    asked = wanted > 1e-3
    size = min((counts[asked] / wanted[asked]).min(), len(labels)) if asked.any() else 0.0
    chosen = [rng.permutation(np.flatnonzero(labels == code))[: int(share * size)] for code, share in enumerate(wanted)]
    return np.sort(np.concatenate(chosen)) if chosen else np.zeros(0, dtype=np.int64)
