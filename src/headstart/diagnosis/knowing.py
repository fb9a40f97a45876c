"""A source that is a model: it keeps no samples, so that only label spaces and its answers on the target can speak."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from headstart.arrays import Matrix
from headstart.diagnosis.class_shares import label_sets
from headstart.diagnosis.conditionals import Conditionals
from headstart.diagnosis.diagnosing import conclusions
from headstart.diagnosis.findings import Diagnosis
from headstart.diagnosis.labels import ClassMap, class_map
from headstart.diagnosis.schema import Schema
from headstart.diagnosis.side import Side
from headstart.diagnosis.verdict import Evidence
from headstart.problem import Domain, Task
from headstart.results import fraction
from headstart.stats.intervals import accuracy_score_interval


def diagnose_model(task: Task, domain: Domain, target: Side, proba: Matrix | None) -> Diagnosis:
    """From the model's classes and its probabilities (m, C) of the target's rows; None where it cannot read them."""
    same = proba is not None
    words = f"the model reads {domain.modality} samples, the target holds {target.domain.modality} samples"
    source = Side(np.zeros((1, 1)), np.full(1, -1), task, domain)
    labels, notes = label_sets(source, target), []
    if proba is not None:
        notes.append(f"the model's mean confidence on the target is {fraction(float(proba.max(axis=1).mean()))}")
        if len(target.labelled):
            called = proba[target.labelled].argmax(axis=1)
            found = class_map(called, target.labels[target.labelled], task, target.task)
            pairs = tuple(pair for pair in found.pairs if pair[0] != pair[1])
            labels = replace(labels, map=ClassMap(pairs))
            names = np.array(task.classes)[called], np.array(target.task.classes)[target.labels[target.labelled]]
            score = accuracy_score_interval((names[0] == names[1]).astype(float))
            notes.append(f"the model calls {score} of the labelled target rows by their name")
    refused = Conditionals("cannot tell", "a model keeps no samples: labels at the same x cannot be compared")
    schema = Schema(same, 0, words)
    evidence = Evidence(schema, None, labels, refused, None, False, 0.05, 0.05, no_samples=same)
    return Diagnosis(
        source=domain.name or "model", target=target.domain.name or "target", rows=(0, len(target)),
        labelled=(0, len(target.labelled)), notes=tuple(notes),
        **conclusions(evidence, (1, len(target.labelled))),
    )  # fmt: skip
