"""The user's own finished runs: which backbone got how far on which task, kept in the store and nowhere else.

Backbones that did well on the user's earlier tasks are likely to do so on the next. Nothing of the data is kept, only a
digest of the labels' names and counts that tells tasks apart. HEADSTART_RECORD=off keeps and reads nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np

from headstart.backbones.backbone import Backbone
from headstart.features.store import Store
from headstart.problem import Modality

MEMO = "finished-runs"
FEWEST = 2  # backbones on one task: below, nothing is compared


@dataclass(frozen=True)
class Run:
    """One backbone on one task: cross-validated accuracy (0..1) of the best that was built on it, with n labelled rows.

    backbone  what tells its weights from others (`identity`); name  what people call it
    """

    task: str
    backbone: str
    name: str
    modality: Modality
    accuracy: float
    n: int


def identity(backbone: Backbone) -> str:
    """Its fingerprint; the name of one that learns from each data set anew (tf-idf)."""
    return backbone.name if backbone.learned_from is not None else backbone.fingerprint


def recording() -> bool:
    """Whether runs are kept; not where HEADSTART_RECORD is off, no, false or 0."""
    return os.environ.get("HEADSTART_RECORD", "on").lower() not in ("off", "no", "false", "0")


def task_digest(classes: tuple[str, ...], counts: tuple[int, ...]) -> str:
    """What tells one task from another, and says nothing of its samples."""
    return hashlib.blake2b(json.dumps([classes, counts]).encode(), digest_size=12).hexdigest()


def remember(runs: list[Run], store: Store) -> None:
    """Keep finished runs; a later one of the same backbone on the same task takes the place of the earlier."""
    if not (recording() and runs):
        return
    with store.memo(MEMO) as memo:
        for run in runs:
            key = hashlib.blake2b(f"{run.task} {run.backbone}".encode(), digest_size=16).digest()
            memo[key] = json.dumps(asdict(run))


def recalled(store: Store) -> list[Run]:
    """All runs kept."""
    if not recording() or not (store.root / "memos" / f"{MEMO}.sqlite").is_file():
        return []
    with store.memo(MEMO) as memo:
        return [Run(**json.loads(text)) for text in memo.values()]


def strengths(runs: list[Run], *, without: str = "") -> Mapping[str, tuple[float, int]]:
    """Mean standardised accuracy of each backbone over the user's tasks, and how many tasks: a ranking blind to the
    target. The task `without` is left out, lest it foretell itself."""
    tasks: dict[str, list[Run]] = defaultdict(list)
    for run in runs:
        if run.task != without:
            tasks[run.task].append(run)
    found: dict[str, list[float]] = defaultdict(list)
    for task in tasks.values():
        accuracies = np.array([run.accuracy for run in task])
        if len(task) < FEWEST or np.ptp(accuracies) == 0:
            continue
        for run, value in zip(task, (accuracies - accuracies.mean()) / accuracies.std(), strict=True):
            found[run.backbone].append(float(value))
    return {backbone: (float(np.mean(values)), len(values)) for backbone, values in found.items()}


def combined(public: float | None, own: tuple[float, int] | None) -> float | None:
    """The public strength and the user's own, each task of the user's counting as much as the whole public figure."""
    if own is None:
        return public
    mean, tasks = own
    return ((public or 0.0) + tasks * mean) / (1 + tasks)
