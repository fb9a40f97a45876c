"""The question before the work: which backbone and layer, how much of it may move, and does transfer pay at all?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from headstart.backbones.backbone import Backbone
from headstart.data.dataset import Dataset
from headstart.data.splitting import split
from headstart.errors import BackboneError, MissingExtra, UnknownName
from headstart.features.store import Store
from headstart.jobs.opened import opened_for
from headstart.jobs.transferring import Columns, checked_target
from headstart.planning.constraints import Constraints
from headstart.planning.plan import Plan
from headstart.planning.planner import make_plan
from headstart.reports.plan_page import render
from headstart.selection.prior import strength
from headstart.selection.quantities import count_of, seconds_of
from headstart.strategies.defaults import default_backbones, missing_hint
from headstart.strategies.ground import Ground


def plan(
    target: Any,
    *,
    backbones: Sequence[str | Backbone] | None = None,
    layers: Sequence[str] | None = None,
    text: str | None = None,
    image: str | None = None,
    label: str | None = None,
    group: str | None = None,
    test: float = 0.25,
    budget: str | float | None = None,
    latency: str | float | None = None,
    max_params: str | int | None = None,
    license: Sequence[str] = (),
    racing: bool = True,
    seed: int = 0,
    store: Store | None = None,
    progress: bool = False,
) -> Plan:
    """Foretell what each strategy would give on `target`, and take one: a plan, which `transfer(plan=...)` executes.

    target      anything `read` takes: a folder, a table, arrays, or a Dataset
    backbones   names for `open_backbone`, or backbones; None: those that stand ready on this machine
    layers      one set of layers to take together; None: each alone, and all of them concatenated
    budget      seconds, or "10min", that executing the plan may take
    latency     seconds, or "20ms", that one sample may take
    max_params  weights that the network may have, "25M"
    license     patterns of which the licence of the weights must match one, "apache*"
    racing      whether to train a little where the probes cannot tell

    Training rows alone are looked at. A backbone that cannot be opened is left out, and a note says why.
    Raises `DataError` for data that nothing can be learned from, `PlanError` for limits that leave nothing.
    """
    constraints = Constraints(
        budget=None if budget is None else seconds_of(budget),
        latency=None if latency is None else seconds_of(latency),
        max_params=None if max_params is None else count_of(max_params),
        license=tuple(license),
    )
    store = store or Store()
    columns: Columns = {"text": text, "image": image, "label": label, "group": group}
    checked = checked_target(target, columns, store=store, progress=progress)
    ground = Ground(checked.dataset, split(checked.dataset, test=test, seed=seed), seed)
    named = default_backbones(ground.dataset.modality) if backbones is None else backbones
    opened, notes = opened_or_not(ground.dataset, named)
    opened = strongest_first(opened)
    if not named:
        notes.append(f"nothing to transfer from: {missing_hint(ground.dataset.modality)}")
    return make_plan(
        ground, opened, constraints=constraints, store=store, columns=columns, test=test, layers=layers,
        racing=racing, notes=[*ground.dataset.notes, *checked.warnings, *ground.split.notes, *notes],
        progress=progress,
    ).plan  # fmt: skip


def opened_or_not(dataset: Dataset, named: Sequence[str | Backbone]) -> tuple[list[Backbone], list[str]]:
    """The backbones that open, and one sentence about each that does not.

    A name that no kind of backbone has raises: that is a slip of the pen, not a missing file.
    """
    opened, notes = [], []
    for backbone in named:
        try:
            opened.append(opened_for(dataset, backbone))
        except UnknownName:
            raise
        except (BackboneError, MissingExtra, OSError) as cause:
            name = backbone if isinstance(backbone, str | Path) else backbone.name
            notes.append(f"{name} was left out: {' '.join(str(cause).split())}")
    return opened, notes


def strongest_first(backbones: list[Backbone]) -> list[Backbone]:
    """By their public figures where those of all are known, else in the order given: what is taken where no probe
    could speak is the first."""
    figures = [strength(backbone.name, backbone.modality) for backbone in backbones]
    if any(figure is None or "checkpoint" in backbone.describe()["options"]
           for figure, backbone in zip(figures, backbones, strict=True)):  # fmt: skip
        return backbones
    order = sorted(range(len(backbones)), key=lambda at: -(figures[at] or 0.0))
    return [backbones[at] for at in order]


def write(made: Plan, path: str | Path) -> Path:
    """The plan as its picture where the name ends in .html, else as the JSON that `transfer` executes."""
    path = Path(path)
    if path.suffix.lower() not in (".html", ".htm"):
        return made.save(path)
    path.write_text(render(made), encoding="utf-8")
    return path
