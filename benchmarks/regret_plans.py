"""Making a plan for every task and size of `regret.py`, and what that took."""

from __future__ import annotations

import time

from regret_grid import Book, cell_name, ground_of, shown, sizes_of
from regret_tasks import Target

from headstart.backbones.backbone import Backbone
from headstart.features.store import Store
from headstart.planning.constraints import Constraints
from headstart.planning.plan import Option
from headstart.planning.planner import make_plan

COLUMNS = {"text": None, "image": None, "label": None, "group": None}
MOVES = ("last2",)  # what the grid lets move


def planned_cells(target: Target, backbones: list[Backbone], book: Book, store: Store, draw: int) -> None:
    """The plan's choice at every size, with all it foretold, under the cell name "plan"."""
    for per_class, _ in sizes_of(draw):
        if (target.name, per_class or 0, draw, "plan") in book.tried:
            continue
        ground = ground_of(target, per_class, draw)
        started = time.process_time()
        long = target.name.startswith("amazon")  # texts so long that the grid fine-tunes none of them
        made = make_plan(
            ground, backbones, constraints=Constraints(), store=store, columns=COLUMNS,
            moves=() if long else MOVES, racing=not long,
        )  # fmt: skip
        book.add({
            "task": target.name, "modality": target.modality, "n": per_class or 0, "draw": draw, "cell": "plan",
            "chosen": cell_of(made.plan.option), "seconds": time.process_time() - started,
            "passes": sum(count for probe, count in made.passes.items() if probe != "scratch gradients"),
            "probes": dict(made.passes), "evidence": made.plan.option.evidence,
            "foretold": {
                cell_of(option): [option.accuracy.value, option.accuracy.low, option.accuracy.high]
                for option in made.plan.options if option.accuracy is not None
            },
            "cell_name": made.plan.cell.name if made.plan.cell else "",
        })  # fmt: skip


def cell_of(option: Option) -> str:
    """The grid's name for an option."""
    name = shown(option.backbone, option.options) if option.backbone else ""
    return cell_name(option.strategy, name, option.layers, option.move)
