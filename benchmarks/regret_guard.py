"""What carrying a plan out would deliver: beside the baselines, by the same guard as `headstart transfer --plan`."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from regret_grid import Book, Record, cell_name, ground_of, label, networks
from regret_tasks import Target

from headstart.backbones.backbone import Backbone
from headstart.backbones.opening import open_backbone
from headstart.features.store import Store
from headstart.planning.tuned import recipe_of
from headstart.strategies.feature_extraction import evaluate_backbone, layer_sets
from headstart.strategies.ground import Evaluated, Ground
from headstart.strategies.guard import guard
from headstart.strategies.nulls import from_scratch
from headstart.strategies.tuning.entry import evaluate_tuning

SCRATCH, ALONE = cell_name("scratch"), cell_name("target only")


def guarded_cells(target: Target, backbones: list[Backbone], book: Book, store: Store) -> None:
    """What the guard keeps of the planned cell and the baselines that the grid holds, under the cell name "guard".

    Judged on the folds of the training rows alone. Not done where a photo or text network was to be fine-tuned: a
    score on every fold costs too much here, and the plan is taken as it stands.
    """
    mine = [record for record in book.records if record["task"] == target.name]
    done = {(record["n"], record["draw"]) for record in mine if record["cell"] == "guard"}
    grid = {(record["n"], record["draw"], record["cell"]) for record in mine}
    for made in [record for record in mine if record["cell"] == "plan"]:
        case = made["n"], made["draw"]
        dear = made["chosen"].startswith("finetune") and target.modality != "vector"
        if case in done or dear or (*case, made["chosen"]) not in grid:
            continue
        ground = ground_of(target, made["n"] or None, made["draw"])
        scratch = [SCRATCH] if (*case, SCRATCH) in grid and learnable(ground) else []
        wanted = dict.fromkeys([made["chosen"], ALONE, *scratch])
        entries = {cell: entry_of(cell, ground, backbones, store) for cell in wanted}
        kept = guard(entries[made["chosen"]], list(entries.values())).kept
        name = next(cell for cell, entry in entries.items() if entry is kept)
        book.add(record_of(target, made, name))


def learnable(ground: Ground) -> bool:
    """Whether every fold holds two classes to learn from: one label of each of two classes does not."""
    return all(len(np.unique(ground.labels[fit])) > 1 for fit, _ in ground.split.folds)


def record_of(target: Target, made: Record, kept: str) -> Record:
    return {"task": target.name, "modality": target.modality, "n": made["n"], "draw": made["draw"], "cell": "guard",
            "kept": kept}  # fmt: skip


def entry_of(cell: str, ground: Ground, backbones: list[Backbone], store: Store) -> Evaluated:
    """The cell's strategy on the folds of the training rows; a ridge head as in the grid."""
    strategy, name, where, move = cell.split("|")
    if strategy == "scratch":
        return from_scratch(ground)
    if strategy == "target only":
        raw = open_backbone("raw", modality=ground.dataset.modality)
        return evaluate_backbone(ground, raw, store=store, heads=["ridge"], kind="raw input")[0]
    if strategy == "finetune":
        network = next(each for each in networks(backbones) if label(each) == name)
        return evaluate_tuning(ground, network, replace(recipe_of(ground, move), views=1), store=store)
    backbone = next(each for each in backbones if label(each) == name)
    sets = dict.fromkeys([*((layer,) for layer in backbone.layers), *layer_sets(backbone)])
    layers = next(each for each in sets if cell_name("frozen", name, each).split("|")[2] == where)
    return evaluate_backbone(ground, backbone, store=store, layers=layers, heads=["ridge"])[0]
