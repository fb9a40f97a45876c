"""What a finished transfer says of its backbones, for the record that later rankings lean on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from headstart.backbones.backbone import Backbone
from headstart.selection.record import Run, identity, task_digest
from headstart.strategies.ground import Evaluated, Ground


def finished_runs(ground: Ground, entries: Sequence[Evaluated], backbones: Sequence[Backbone]) -> list[Run]:
    """The best cross-validated accuracy of each of the `backbones`, and of raw input; held-out rows are not asked."""
    dataset, best = ground.dataset, dict[str, Run]()
    task = task_digest(dataset.task.classes, tuple(map(int, dataset.class_counts)))
    wanted = {identity(backbone) for backbone in backbones}
    for entry in entries:
        if entry.map is None or not (identity(entry.map.backbone) in wanted or entry.kind == "raw input"):
            continue
        backbone = entry.map.backbone
        run = Run(
            task=task, backbone=identity(backbone), name=backbone.name, modality=dataset.modality,
            accuracy=float(np.nanmean(entry.runs)), n=len(ground.train),
        )  # fmt: skip
        if run.backbone not in best or best[run.backbone].accuracy < run.accuracy:
            best[run.backbone] = run
    return list(best.values())
