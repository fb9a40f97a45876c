"""What following a plan costs in accuracy, against the best cell of an exhaustive grid, over twenty target tasks.

    python benchmarks/regret.py [--quick] [--scratch FILE] [--phase frozen|scratch|tuned|plan|guard|report]

The grid is filled cell by cell into a scratch file, so that a run that was stopped goes on; the report reads it. Test
rows choose nothing but the best cell (the oracle). Whatever is learned from other tasks leaves the task at hand out.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import torch
from regret_grid import SIZES, Book, frozen_cells, label, networks, scratch_cells, tuned_cells
from regret_guard import guarded_cells
from regret_picture import draw
from regret_plans import planned_cells
from regret_policies import cases, tables, whole
from regret_tasks import Target, targets
from reporting import report

from headstart.backbones.backbone import Backbone
from headstart.features.store import Store

PHASES = ("frozen", "scratch", "tuned", "plan", "guard", "report")
TITLE = "Following the plan: regret against the best cell of an exhaustive grid"
# What the grid trains, for training is dear: (labels per class, draw); None is all labels.
ALL, MORE, ONCE = ((None, 0),), ((20, 0), (None, 0)), ((1, 0), (5, 0), (20, 0), (None, 0))


def from_scratch(target: Target) -> tuple[tuple[int | None, int], ...]:
    """The cases in which the grid learns from the target alone."""
    if target.modality == "text":
        return SIZES
    return ALL if target.modality == "image" else MORE if target.name.startswith("tf-idf") else ONCE


def fine_tuned(target: Target) -> tuple[tuple[int | None, int], ...]:
    """The cases in which the grid fine-tunes the first backbone."""
    return {"image": ALL, "text": (), "vector": ((5, 0), *MORE)}[target.modality]


def fill(phase: str, target: Target, book: Book, store: Store) -> None:
    """One phase of the grid for one task."""
    backbones = target.open(store)
    if phase == "frozen":
        frozen_cells(target, backbones, book, store)
    if phase == "scratch":
        scratch_cells(target, book, from_scratch(target))
    if phase == "tuned":
        tuned_cells(target, networks(backbones)[0], "last2", book, fine_tuned(target), store)
    if phase == "plan":
        planned_cells(target, backbones, book, store)
        complete(target, backbones, book, store)
    if phase == "guard":
        guarded_cells(target, backbones, book, store)


def complete(target: Target, backbones: list[Backbone], book: Book, store: Store) -> None:
    """Train what a plan chose and the grid has not."""
    for made in [record for record in book.records if record["cell"] == "plan" and record["task"] == target.name]:
        strategy, name, _, move = made["chosen"].split("|")
        case = ((made["n"] or None, made["draw"]),)
        if strategy == "scratch":
            scratch_cells(target, book, case)
        if strategy == "finetune":
            network = next(each for each in networks(backbones) if label(each) == name)
            tuned_cells(target, network, move, book, case, store)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two vector tasks, nothing kept")
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir()) / "headstart-regret.jsonl")
    parser.add_argument("--phase", choices=PHASES, action="append", help="default: all of them")
    parser.add_argument("--only", action="append", help="a task's name, or a kind of samples; default: all")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        book = Book(Path(folder) / "quick.jsonl" if asked.quick else asked.scratch)
        store = Store(Path(folder) / "store") if asked.quick else Store()
        for phase in asked.phase or PHASES:
            if phase == "report":
                found, notes = tables(book)
                report("regret", TITLE, found, notes, quick=asked.quick)
                if not asked.quick:
                    draw(whole(cases(book)))
                continue
            for target in targets():
                wanted = asked.only or (["usps", "digits 8x8"] if asked.quick else [target.name])
                if target.name in wanted or target.modality in wanted:
                    fill(phase, target, book, store)
                    print(f"{phase}: {target.name} done, {len(book.records)} cells", flush=True)


if __name__ == "__main__":
    main()
