"""Making a plan: probe everything, race what the probes cannot tell apart, weigh, and say why."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from headstart.backbones.backbone import Backbone
from headstart.features.store import Store
from headstart.planning.cell import Cell, cell_of
from headstart.planning.constraints import Constraints
from headstart.planning.costs import Cost, measure
from headstart.planning.foremost import foremost
from headstart.planning.foretold import Foretold
from headstart.planning.label_curve import LabelCurve, label_curve
from headstart.planning.narrowing import far_behind, first_look, left_behind
from headstart.planning.plan import Option, Plan
from headstart.planning.probing import Frozen, Sight, probe_frozen, probe_raw
from headstart.planning.rows import probe_rows
from headstart.planning.support import FOREIGN
from headstart.planning.trained import Mark, foretell_trained
from headstart.planning.tuned import MOVES
from headstart.planning.weighing import Weighed, ahead, weigh
from headstart.strategies.ground import Ground
from headstart.strategies.network_learner import NetworkLearner
from headstart.strategies.scratch import Scratch


@dataclass(frozen=True, eq=False)
class Planned:
    """A plan, and what making it took: samples sent through networks, by probe."""

    plan: Plan
    passes: Mapping[str, int]


def make_plan(
    ground: Ground,
    backbones: Sequence[Backbone],
    *,
    constraints: Constraints,
    store: Store,
    columns: Mapping[str, str | None],
    test: float = 0.25,
    layers: Sequence[str] | None = None,
    moves: Sequence[str] = MOVES,
    racing: bool = True,
    notes: Sequence[str] = (),
    progress: bool = False,
) -> Planned:
    """Probe every backbone that keeps to the limits, and both baselines; race what is open; take one.

    moves  what fine-tuning may move; none: it is not an option

    Only training rows are looked at. Raises `PlanError` where the limits leave nothing.
    """
    started = time.perf_counter()
    sight = Sight(ground, probe_rows(ground), store, progress)
    probed, refused = _frozen(sight, backbones, constraints, layers)
    raw, raw_matrix = probe_raw(sight)
    run = Scratch(ground.dataset, seed=ground.seed)
    leader = _leader(probed, sight.groups)
    mark = Mark(raw, raw_matrix) if leader is None else Mark(leader[1], _matrix(leader), leader[0])
    found = foretell_trained(sight, run, mark, raw, constraints, moves=moves, racing=racing)
    scratch = found.scratch.with_(**_scratch_cost(ground, run))
    notes = [*notes, *_foreign(probed), *found.notes]
    standing = [option for each in probed for option in each.foretold]
    foretold = [*standing, *found.tuned, raw, *refused, scratch]
    weighed = weigh(foretold, constraints, groups=sight.groups)
    curve = LabelCurve(points=(), beyond=None)
    if leader is not None and sight.groups is None:
        curve = label_curve(_matrix(leader), sight.labels, ground.n_classes, seed=ground.seed)
    elif leader is not None:
        notes.append("no learning curve: rows come in groups, and a part of them would hold other groups")
    plan = Plan(
        data=ground.dataset.domain.name or "data",
        modality=ground.dataset.modality,
        n_labelled=len(ground.dataset.labelled),
        n_train=len(ground.train),
        n_classes=ground.n_classes,
        split=ground.split.digest,
        seed=ground.seed,
        test=test,
        columns=dict(columns),
        constraints=constraints,
        options=tuple(each.option for each in weighed.foretold),
        chosen=weighed.chosen,
        reasons=weighed.reasons,
        cell=_cell(sight, weighed, leader, raw, curve),
        profile=tuple(point for each in probed for point in each.profile),
        curve=curve.points,
        beyond=curve.beyond,
        notes=tuple(notes),
        probing_seconds=round(time.perf_counter() - started, 3),
    )
    return Planned(plan, sight.passes)


def _frozen(
    sight: Sight, backbones: Sequence[Backbone], constraints: Constraints, layers: Sequence[str] | None
) -> tuple[list[Frozen], list[Foretold]]:
    """What was probed, and options refused before anything was computed."""
    kept, refused = [], []
    for backbone in backbones:
        cost = measure(backbone, sight.ground.dataset)
        broken = replace(constraints, budget=None).refusal(
            seconds=0.0, latency=cost.latency, parameters=cost.parameters, license=backbone.license
        )
        if broken:
            option = Option(strategy="frozen", backbone=backbone.name, layers=backbone.layers[-1:],
                            parameters=cost.parameters, latency=cost.latency, license=backbone.license,
                            refused=broken)  # fmt: skip
            refused.append(Foretold(option))
            continue
        kept.append((backbone, cost))
    return _narrowed(sight, kept, layers), refused


def _narrowed(sight: Sight, backbones: Sequence[tuple[Backbone, Cost]], layers: Sequence[str] | None) -> list[Frozen]:
    """All of them on a few rows, those not far behind on all rows."""
    few = first_look(sight) if len(backbones) > 1 else None
    if few is None:
        return [probe_frozen(sight, backbone, cost, layers) for backbone, cost in backbones]
    looked = [probe_frozen(few, backbone, cost, layers) for backbone, cost in backbones]
    behind, probed = far_behind(looked), []
    for place, (backbone, cost) in enumerate(backbones):
        if place in behind:
            probed.append(left_behind(looked[place], behind[place]))
            continue
        sight.count("features", -len(few.rows))  # what the first look computed is not computed again
        probed.append(probe_frozen(sight, backbone, cost, layers))
    return probed


def _scratch_cost(ground: Ground, run: Scratch) -> dict[str, float | int]:
    """Seconds and memory of training from random weights on all folds and once more on all rows."""
    learner, fits = run.learner, ground.n_folds + 1
    if not isinstance(learner, NetworkLearner):
        return {}
    cost = measure(learner.blank(), ground.dataset)
    schedule = learner.recipe(len(ground.train)).schedule
    seconds = cost.training(len(ground.train), updates=schedule.steps, batch=schedule.batch_size, fits=fits)
    return {"seconds": seconds, "latency": cost.latency, "memory": cost.memory(batch=schedule.batch_size, moving=1.0)}


def _leader(probed: Sequence[Frozen], groups: tuple[str, ...] | None) -> tuple[Frozen, Foretold] | None:
    """The frozen option that would be taken among its like, with its backbone."""
    known = {id(option): (each, option) for each in probed for option in each.foretold if option.known}
    if not known:
        return None
    first, _ = foremost([option for _, option in known.values()], groups)
    return known[id(first)]


def _matrix(leader: tuple[Frozen, Foretold]) -> Any:
    """The features that the leading option rests on."""
    return leader[0].matrices[leader[1].option.layers]


def _foreign(probed: Sequence[Frozen]) -> list[str]:
    """A sentence on every backbone that has learned from other data than these."""
    shares = {each.backbone.name: each.foretold[0].outside for each in probed if each.foretold}
    return [f"{100 * share:.0f} % of the rows lie outside what {name} has learned from"
            for name, share in shares.items() if share >= FOREIGN]  # fmt: skip


def _cell(
    sight: Sight, weighed: Weighed, leader: tuple[Frozen, Foretold] | None, raw: Foretold, curve: LabelCurve
) -> Cell | None:
    if leader is None:
        return None
    frozen, best = leader
    last = [each for each in frozen.foretold if each.option.layers == frozen.backbone.layers[-1:]]
    single = [each for each in frozen.foretold if len(each.option.layers) == 1 and each.known]
    top = max(single, key=lambda each: each.accuracy, default=best)
    leads = not last or not ahead(top, last[0], sight.groups)
    return cell_of(
        per_class=len(sight.ground.train) / sight.ground.n_classes, rise=curve.rise, r2=best.r2, raw_r2=raw.r2,
        last_layer_leads=leads, taken=weighed.taken.option.strategy, taken_name=weighed.taken.option.name,
    )  # fmt: skip
