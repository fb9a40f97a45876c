"""Carrying a plan out, to the letter: what it says is done, nothing else is tried, and the guard has the last word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headstart.backbones.backbone import Backbone
from headstart.backbones.opening import open_backbone
from headstart.data.dataset import Dataset
from headstart.errors import PlanError
from headstart.models.feature_map import backbones_of
from headstart.planning.plan import Option, Plan, load_plan
from headstart.selection.limits import size_of
from headstart.strategies.findings import Certificate, Kind
from headstart.strategies.ground import Evaluated, Ground
from headstart.strategies.guard import certificate, guard
from headstart.strategies.tuning.names import StrategyName

KINDS: dict[str, Kind] = {
    "frozen": "frozen features", "finetune": "fine-tuned", "scratch": "from scratch", "target only": "raw input"
}  # fmt: skip
STRATEGY: dict[str, StrategyName] = {
    "frozen": "frozen",
    "finetune": "finetune",
    "scratch": "scratch",
    "target only": "scratch",
}


@dataclass(frozen=True)
class Orders:
    """What a plan says is to be done."""

    plan: Plan

    @property
    def option(self) -> Option:
        return self.plan.option

    @property
    def strategy(self) -> StrategyName:
        """As `transfer` takes it; the target alone is what a run without transfer compares anyway."""
        return STRATEGY[self.option.strategy]

    @property
    def layers(self) -> tuple[str, ...] | None:
        return self.option.layers or None

    @property
    def move(self) -> str | None:
        return self.option.move or None

    @property
    def epochs(self) -> int | None:
        return self.option.epochs

    def settled(self, *, test: float, seed: int) -> tuple[float, int]:
        """The plan's share of held-out rows and seed. Raises `PlanError` where others were asked for."""
        for name, given, usual, planned in (("test", test, 0.25, self.plan.test), ("seed", seed, 0, self.plan.seed)):
            if given not in (usual, planned):
                raise PlanError(f"{name}={given}, but the plan was made with {planned}; leave it out")
        return self.plan.test, self.plan.seed

    def columns(self, given: Mapping[str, str | None]) -> dict[str, str | None]:
        """The columns of a table as they were when the plan was made, unless they are called otherwise now."""
        return {role: name or self.plan.columns.get(role) for role, name in given.items()}

    def backbones(self, dataset: Dataset) -> list[Backbone]:
        """The backbone that the plan names, open. Raises `PlanError` where the data are of another kind or classes."""
        if dataset.modality != self.plan.modality:
            raise PlanError(f"the plan is for {self.plan.modality} samples; these are {dataset.modality}")
        if dataset.task.n_classes != self.plan.n_classes:
            raise PlanError(
                f"the plan is for {self.plan.n_classes} classes; these data have {dataset.task.n_classes}: "
                "make a plan for them"
            )
        if not self.option.backbone:
            return []
        return [open_backbone(self.option.backbone, **dict(self.option.options or {}))]

    def notes(self, ground: Ground) -> list[str]:
        """What a reader should know: whether the rows are those that the plan was made on."""
        if ground.split.digest == self.plan.split:
            return []
        return [
            "the rows or folds are not those that the plan was made on; what it foretells was foretold for others "
            f"({self.plan.n_train:,} training rows then, {len(ground.train):,} now)"
        ]

    def allows(self, mixed: Evaluated) -> bool:
        """Whether a mixture keeps to the plan's limits, all its networks together."""
        backbones = backbones_of(part.map for part in mixed.parts)
        parameters = sum(size_of(backbone).params for backbone in backbones)
        latency = 0.0 if mixed.mixing is None else mixed.mixing.latency
        return not any(
            self.plan.constraints.refusal(seconds=0.0, latency=latency, parameters=parameters, license=backbone.license)
            for backbone in backbones
        )

    def deliver(self, entries: Sequence[Evaluated]) -> tuple[Evaluated, str]:
        """The planned entry, unless the guard finds another one ahead; and why it is another."""
        guarded = guard(planned_entry(self.option, entries), [entry for entry in entries if entry.kind != "majority"])
        return guarded.kept, guarded.reason


def certified(
    kept: Evaluated, entries: Sequence[Evaluated], ground: Ground, orders: Orders | None, reason: str
) -> Certificate:
    """The certificate of what is delivered, beside what a plan foretold."""
    if orders is None:
        return certificate(kept, entries, ground)
    option = orders.option
    return certificate(kept, entries, ground, planned=option.name, foretold=option.accuracy, replaced=reason)


def orders_of(plan: Plan | str | Path, given: Mapping[str, Any]) -> Orders:
    """A plan, from its file where it is a path.

    Raises `PlanError` where something is `given` beside it that the plan decides.
    """
    beside = [name for name, value in given.items() if value]
    if beside:
        raise PlanError(f"the plan decides {beside[0]}; leave it out, or make another plan")
    return Orders(plan if isinstance(plan, Plan) else load_plan(plan))


def planned_entry(option: Option, entries: Sequence[Evaluated]) -> Evaluated:
    """The entry that an option speaks of. Raises `PlanError` where it was not computed."""
    for entry in entries:
        if entry.kind != KINDS[option.strategy]:
            continue
        if option.strategy != "frozen" or (entry.map is not None and entry.map.layers == option.layers):
            return entry
    raise PlanError(f"'{option.name}' was planned and could not be computed; make the plan again")
