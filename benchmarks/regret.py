"""What following a plan costs in accuracy, against the best cell of an exhaustive grid, over twenty target tasks.

    python benchmarks/regret.py [--quick] [--scratch FILE] [--phase frozen|scratch|tuned|plan|guard|report] [--draws N]

The grid is filled cell by cell into a scratch file, so that a run that was stopped goes on; the report reads it. Test
rows choose nothing but the best cell (the oracle). Whatever is learned from other tasks leaves the task at hand out.
It is filled draw by draw: a run that was cut off is whole up to the draw it was at.
"""

from __future__ import annotations

import argparse
import math
import tempfile
from pathlib import Path

import torch
from regret_cases import cases, whole
from regret_grid import DRAWS, Book, frozen_cells, label, networks, scratch_cells, sizes_of, tuned_cells
from regret_guard import guarded_cells
from regret_picture import draw as draw_calibration
from regret_plans import planned_cells
from regret_tables import tables
from regret_tasks import Target, targets
from reporting import report

from headstart.backbones.backbone import Backbone
from headstart.backbones.network import NetworkBackbone
from headstart.features.store import Store

PHASES = ("frozen", "scratch", "tuned", "plan", "guard")
ALL = 10**6  # labels per class, where all are taken
TITLE = "Following the plan: regret against the best cell of an exhaustive grid"


def from_scratch(target: Target, draw: int) -> list[tuple[int | None, int]]:
    """The cases in which the grid learns from the target alone: photos never, it takes hours here."""
    least = {"image": math.inf, "text": 0, "vector": 20 if target.name.startswith("tf-idf") else 0}[target.modality]
    return [case for case in sizes_of(draw) if (case[0] or ALL) >= least]


def fine_tuned(target: Target, backbones: list[Backbone], draw: int) -> list[tuple[NetworkBackbone, str, int | None]]:
    """What the grid fine-tunes: network, what moves, labels per class. Where too few labels are to move weights the
    plan's own refusal is taken for granted."""
    known = networks(backbones)
    if target.modality == "vector":
        return [(known[0], "last2", n) for n, _ in sizes_of(draw) if (n or ALL) >= 5]  # it has no third block
    if target.modality == "image":
        return [(known[0], "last2", n) for n, _ in sizes_of(draw) if (n or ALL) >= 20]
    chosen = target.name in ("movie_reviews", "trec_train")  # single sentences; reviews are twenty times as long
    return [(known[0], "last2", n) for n, _ in sizes_of(draw) if chosen and (n or ALL) >= 20]


def fill(phase: str, target: Target, draw: int, book: Book, store: Store) -> None:
    """One phase of the grid for one task and draw."""
    backbones = target.open(store)
    if phase == "frozen":
        frozen_cells(target, backbones, book, store, draw)
    if phase == "scratch":
        scratch_cells(target, book, from_scratch(target, draw))
    if phase == "tuned":
        for network, move, per_class in fine_tuned(target, backbones, draw):
            tuned_cells(target, network, move, book, [(per_class, draw)], store)
    if phase == "plan":
        planned_cells(target, backbones, book, store, draw)
        complete(target, backbones, book, store)
    if phase == "guard":
        guarded_cells(target, backbones, book, store)


def complete(target: Target, backbones: list[Backbone], book: Book, store: Store) -> None:
    """Train what a plan chose and the grid has not, in every draw of the case that was planned."""
    mine = [record for record in book.records if record["cell"] == "plan" and record["task"] == target.name]
    for made, chosen in dict.fromkeys((record["n"], record["chosen"]) for record in mine):
        strategy, name, _, move = chosen.split("|")
        case = [(made or None, record["draw"]) for record in mine if record["n"] == made]
        if strategy == "scratch":
            scratch_cells(target, book, case)
        if strategy == "finetune":
            network = next(each for each in networks(backbones) if label(each) == name)
            tuned_cells(target, network, move, book, case, store)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two vector tasks, nothing kept")
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir()) / "headstart-regret.jsonl")
    parser.add_argument("--phase", choices=(*PHASES, "report"), action="append", help="default: all of them")
    parser.add_argument("--only", action="append", help="a task's name, or a kind of samples; default: all")
    parser.add_argument(
        "--draws", type=int, default=max(DRAWS.values()), help="draws of the rows; fewer at many labels"
    )
    asked = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        book = Book(Path(folder) / "quick.jsonl" if asked.quick else asked.scratch)
        store = Store(Path(folder) / "store") if asked.quick else Store()
        wanted = asked.only or (["usps", "digits 8x8"] if asked.quick else [])
        tasks = [target for target in targets() if not wanted or {target.name, target.modality} & set(wanted)]
        phases = asked.phase or [*PHASES, "report"]
        for draw in range(1 if asked.quick else asked.draws):
            for phase in PHASES:
                for target in tasks if phase in phases else ():
                    fill(phase, target, draw, book, store)
                    print(f"draw {draw}, {phase}: {target.name} done, {len(book.records)} cells", flush=True)
        if "report" in phases:
            found, notes = tables(book)
            report("regret", TITLE, found, notes, quick=asked.quick)
            if not asked.quick:
                draw_calibration(whole(cases(book)))


if __name__ == "__main__":
    main()
