"""A source that is a model: it keeps no samples, so that only label spaces and its answers on the target can speak."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from headstart.arrays import Matrix, Vector
from headstart.diagnosis.class_shares import label_sets
from headstart.diagnosis.conditionals import Conditionals
from headstart.diagnosis.diagnosing import conclusions
from headstart.diagnosis.findings import Diagnosis
from headstart.diagnosis.harm import NOT_KNOWN, Harm, difference
from headstart.diagnosis.labels import ClassMap, Priors, class_map
from headstart.diagnosis.schema import Schema
from headstart.diagnosis.side import Side
from headstart.diagnosis.verdict import Evidence
from headstart.problem import Domain, Task
from headstart.results import Score, fraction
from headstart.stats.divergence import total_variation
from headstart.stats.intervals import accuracy_score_interval
from headstart.stats.label_shift import em_shares


def diagnose_model(
    task: Task,
    domain: Domain,
    target: Side,
    proba: Matrix | None,
    *,
    home: Score | None = None,
    shares: tuple[int, ...] = (),
    alpha: float = 0.05,
    margin: float = 0.05,
) -> Diagnosis:
    """From the model's classes and its calibrated probabilities (m, C) of the target's rows; None where it cannot read
    them.

    home    the accuracy its makers measured on held-out rows; shares: how often it saw each class. Where they are known
            the loss on the target, and the target's class shares, can be said as well
    """
    same = proba is not None
    words = f"the model reads {domain.modality} samples, the target holds {target.domain.modality} samples"
    source = Side(np.zeros((1, 1)), np.full(1, -1), task, domain)
    labels, notes, cost = label_sets(source, target), [], None
    if proba is not None:
        notes.append(f"the model's mean confidence on the target is {fraction(float(proba.max(axis=1).mean()))}")
        if shares:
            labels = replace(labels, priors=_priors(task, proba, np.array(shares, dtype=float)))
        if len(target.labelled):
            called = proba[target.labelled].argmax(axis=1)
            found = class_map(called, target.labels[target.labelled], task, target.task)
            pairs = tuple(pair for pair in found.pairs if pair[0] != pair[1])
            labels = replace(labels, map=ClassMap(pairs))
            names = np.array(task.classes)[called], np.array(target.task.classes)[target.labels[target.labelled]]
            score = accuracy_score_interval((names[0] == names[1]).astype(float))
            notes.append(f"the model calls {score} of the labelled target rows by their name")
            if home is not None and labels.shared:
                cost = Harm(home, score, difference(home, score), NOT_KNOWN, NOT_KNOWN)
    refused = Conditionals("cannot tell", "a model keeps no samples: labels at the same x cannot be compared")
    schema = Schema(same, 0, words)
    evidence = Evidence(schema, None, labels, refused, cost, False, alpha, margin, no_samples=same)
    return Diagnosis(
        source=domain.name or "model", target=target.domain.name or "target", rows=(0, len(target)),
        labelled=(0, len(target.labelled)), notes=tuple(notes), alpha=alpha,
        margin=margin,
        **conclusions(evidence, (1, len(target.labelled))),
    )  # fmt: skip


def _priors(task: Task, proba: Matrix, counts: Vector) -> Priors:
    """Class shares of the target by expectation maximisation on the model's calibrated answers."""
    shares = counts / counts.sum()
    em = em_shares(proba, shares)
    distance = total_variation(shares, em.shares)
    return Priors(
        "estimated", task.classes, tuple(shares.tolist()), tuple(em.shares.tolist()), em.p, distance, distance
    )
