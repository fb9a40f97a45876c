"""P(Y): class shares on both sides, counted or estimated, and whether they alone explain that the sides differ."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.stats import hypergeom

from headstart.arrays import Rows
from headstart.diagnosis.findings import LabelFindings
from headstart.diagnosis.harm import answers, held_out_answers
from headstart.diagnosis.labels import (
    ClassMap,
    HeldOut,
    class_map,
    compare_sets,
    counted_priors,
    estimated_priors,
    resampled,
)
from headstart.diagnosis.omnibus import omnibus
from headstart.diagnosis.sampling import Known, Sample
from headstart.diagnosis.side import Side

LEAST = 20  # labelled source rows, below which its head's answers say nothing


def label_sets(source: Side, target: Side) -> LabelFindings:
    """Classes that occur among labels (all named ones of a side without labels)."""
    first, second = (occurring(side) for side in (source, target))
    sets = compare_sets(replace(source.task, classes=first), replace(target.task, classes=second))
    if sets == "unknown":
        return LabelFindings(sets, (), (), ())
    shared = tuple(name for name in first if name in second)
    gone, new = tuple(n for n in first if n not in second), tuple(n for n in second if n not in first)
    missed = [*(chance_of_absence(name, source, target) for name in gone),
              *(chance_of_absence(name, target, source) for name in new)]  # fmt: skip
    return LabelFindings(sets, shared, gone, new, absence=min(1.0, min(missed, default=0.0) * len(missed)))


def chance_of_absence(name: str, seen: Side, lacking: Side) -> float:
    """How likely all k rows of a class fall among the n labelled rows of one side and none among the m of the other, if
    sides do not matter: C(n, k) / C(n + m, k) (Fisher's exact test, 1935)."""
    n, m = len(seen.labelled), len(lacking.labelled)
    if not n or not m:
        return 0.0
    k = int((seen.labels == seen.task.classes.index(name)).sum())
    return float(hypergeom.pmf(k, n + m, k, n))


def occurring(side: Side) -> tuple[str, ...]:
    names = tuple(side.task.classes[code] for code in np.unique(side.labels[side.labelled]))
    return names or side.task.classes


def with_map(labels: LabelFindings, sample: Sample) -> LabelFindings:
    """A suggested class map where names differ, or seem exchanged: what the source head calls the target's classes."""
    source, target = sample.sides
    known, asked = source.labelled, target.labelled
    if min(len(known), len(asked)) < LEAST or len(np.unique(source.labels[known])) < 2:
        return labels
    proba = answers(sample.mapped[0][known], source.labels[known], sample.mapped[1][asked], source.task.n_classes)
    found = class_map(proba.argmax(axis=1), target.labels[asked], source.task, target.task)
    exchanged = labels.sets in ("closed", "partial")  # there a name stands for itself unless most rows say otherwise
    pairs = tuple(pair for pair in found.pairs if pair[0] != pair[1] and (pair[2] > 0.5 or not exchanged))
    return replace(labels, map=ClassMap(pairs)) if pairs or not exchanged else labels


def counted(labels: LabelFindings, known: Known, *, seed: int, alpha: float) -> LabelFindings:
    """With labels on both sides: G-test of the shares, and the omnibus test within classes.

    That test can only clear the classes where the same rows show a difference at all.
    """
    priors = counted_priors(known.classes, *(known.every or known.labels), design_effect=_design_effect(known))
    if omnibus(*known.X, groups=known.groups, seed=seed).p > alpha:
        return replace(labels, priors=priors)
    within = omnibus(*known.X, groups=known.groups, strata=known.labels, seed=seed)
    return replace(labels, priors=priors, shift_alone=within.p)


def estimated(
    labels: LabelFindings, sample: Sample, *, seed: int, alpha: float, rng: np.random.Generator
) -> tuple[LabelFindings, HeldOut | None]:
    """Without target labels: the shares that the source head's answers suggest, and the omnibus test of the target
    against source rows drawn in these shares; the answers too (None: too few labels)."""
    source = sample.sides[0]
    rows = source.labelled
    present = np.unique(source.labels[rows])
    if len(rows) < LEAST or len(present) < 2:
        return labels, None
    codes = np.searchsorted(present, source.labels[rows])
    groups = sample.groups
    answered = held_out_answers(
        sample.mapped[0][rows], codes, sample.mapped[1], n_classes=len(present),
        groups=None if groups is None else groups[0][rows], rng=rng,
    )  # fmt: skip
    priors = estimated_priors(tuple(source.task.classes[code] for code in present), answered)
    drawn = rows[resampled(codes, np.array(priors.target), rng)]
    alone = _explained(sample, drawn, rows, seed=seed, alpha=alpha, rng=rng)
    return replace(labels, priors=priors, shift_alone=alone), answered


def _explained(sample: Sample, drawn: Rows, rows: Rows, *, seed: int, alpha: float, rng: np.random.Generator) -> float:
    """p of "the drawn source rows look like the target"; NaN where as many rows in the source's own shares do as well,
    so that their number rather than their shares would be what hides a difference."""
    if len(drawn) < LEAST:
        return float("nan")
    found = []
    for chosen in (np.sort(rng.choice(rows, len(drawn), replace=False)), drawn):
        groups = None if sample.groups is None else (sample.groups[0][chosen], sample.groups[1])
        found.append(omnibus(sample.tested[0][chosen], sample.tested[1], groups=groups, seed=seed).p)
    return found[1] if found[0] <= alpha else float("nan")


def _design_effect(known: Known) -> float:
    """Rows per group: labels within a group tend to agree, so that groups rather than rows are counted."""
    if known.groups is None:
        return 1.0
    rows = sum(len(side) for side in known.labels)
    return rows / sum(len(np.unique(side)) for side in known.groups)
