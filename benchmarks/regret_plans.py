"""Making a plan for every task and size of `regret.py`, and what that took."""

from __future__ import annotations

import math
import time

from regret_grid import Book, cell_name, ground_of, shown
from regret_tasks import Target

from headstart.backbones.backbone import Backbone
from headstart.features.store import Store
from headstart.planning.constraints import Constraints
from headstart.planning.plan import Option
from headstart.planning.planner import make_plan

COLUMNS = {"text": None, "image": None, "label": None, "group": None}
SIZES = ((1, 0), (5, 0), (20, 0), (None, 0))  # labels per class (None: all) and draw: every size counts the same
# Labels per class from which training is raced: below, the grid trains nothing of the kind (photos: at all labels only,
# texts: never).
RACED = {"image": math.inf, "text": None, "vector": 5}


def planned_cells(target: Target, backbones: list[Backbone], book: Book, store: Store) -> None:
    """The plan's choice at every size, with all it foretold, under the cell name "plan"."""
    for per_class, draw in SIZES:
        if (target.name, per_class or 0, draw, "plan") in book.tried:
            continue
        ground = ground_of(target, per_class, draw)
        started = time.process_time()
        least = RACED[target.modality]
        racing = least is not None and (per_class or math.inf) >= least
        made = make_plan(
            ground, backbones, constraints=Constraints(), store=store, columns=COLUMNS, racing=racing
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
