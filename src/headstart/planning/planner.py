"""Making a plan: probe everything, race what the probes cannot tell apart, weigh, and say why."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from headstart.backbones.backbone import Backbone
from headstart.backbones.network import NetworkBackbone
from headstart.features.store import Store
from headstart.planning.cell import Cell, cell_of
from headstart.planning.constraints import Constraints
from headstart.planning.contenders import FEW, Contender, run_race, scratch_contender, tuning_contender
from headstart.planning.costs import Cost, measure
from headstart.planning.foremost import foremost
from headstart.planning.foretold import Foretold
from headstart.planning.label_curve import LabelCurve, label_curve
from headstart.planning.plan import Option, Plan
from headstart.planning.probing import Frozen, Sight, probe_frozen, probe_raw, probe_scratch, probe_tangent
from headstart.planning.rows import probe_rows
from headstart.planning.support import FOREIGN
from headstart.planning.tuned import boundaries, recipe_of, too_few, tuning_cost
from headstart.planning.weighing import Weighed, ahead, weigh
from headstart.strategies.ground import Ground
from headstart.strategies.network_learner import NetworkLearner
from headstart.strategies.scratch import Scratch

LEARNED = 0.15  # accuracy that learning features added to its own kernel, at most, where that was measured


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
    racing: bool = True,
    notes: Sequence[str] = (),
    progress: bool = False,
) -> Planned:
    """Probe every backbone that keeps to the limits, and both baselines; race what is open; take one.

    Only training rows are looked at. Raises `PlanError` where the limits leave nothing.
    """
    started = time.perf_counter()
    sight = Sight(ground, probe_rows(ground), store, progress)
    probed, refused = _frozen(sight, backbones, constraints, layers)
    raw, raw_matrix = probe_raw(sight)
    run = Scratch(ground.dataset, seed=ground.seed)
    scratch, saw = probe_scratch(sight, run)
    scratch = scratch.with_(**_scratch_cost(ground, run))
    leader = _leader(probed, sight.groups)
    notes = [*notes, *_foreign(probed)]
    tuned, said = _tuned(sight, leader, constraints)
    notes = [*notes, *([f"from scratch: {saw}"] if saw else []), *said]
    standing = [option for each in probed for option in each.foretold]
    if racing and len(ground.train) <= FEW:
        notes.append(f"no race: on {len(ground.train)} rows a short run could not be told from luck")
    elif racing:
        best = raw if leader is None or ahead(raw, leader[1], sight.groups) else leader[1]
        matrix = raw_matrix if leader is None or best is raw else leader[0].matrices[best.option.layers]
        contenders = _contenders(sight, run, scratch, tuned, best, leader)
        raced = run_race(sight, contenders, best, matrix)
        scratch = raced.get("scratch", scratch)
        tuned = [raced.get(each.option.move, each) for each in tuned]
    foretold = [*standing, *tuned, raw, *refused, scratch]
    weighed = weigh(foretold, constraints, groups=sight.groups)
    curve = LabelCurve(points=(), beyond=None)
    if leader is not None and sight.groups is None:
        matrix = leader[0].matrices[leader[1].option.layers]
        curve = label_curve(matrix, sight.labels, ground.n_classes, seed=ground.seed)
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
    probed, refused = [], []
    for backbone in backbones:
        cost = measure(backbone, sight.ground.dataset) if backbone.learned_from is None else NOTHING
        broken = replace(constraints, budget=None).refusal(
            seconds=0.0, latency=cost.latency, parameters=cost.parameters, license=backbone.license
        )
        if broken:
            option = Option(strategy="frozen", backbone=backbone.name, layers=backbone.layers[-1:],
                            parameters=cost.parameters, latency=cost.latency, license=backbone.license,
                            refused=broken)  # fmt: skip
            refused.append(Foretold(option))
            continue
        probed.append(probe_frozen(sight, backbone, cost, layers))
    return probed, refused


NOTHING = Cost(prepare=0.0, forward=0.0, below={}, latency=0.0, parameters=0, activations=0)


def _scratch_cost(ground: Ground, run: Scratch) -> dict[str, float | int]:
    """Seconds and memory of training from random weights on all folds and once more on all rows."""
    learner, fits = run.learner, ground.n_folds + 1
    if not isinstance(learner, NetworkLearner):
        return {}
    cost = measure(learner.blank(), ground.dataset)
    schedule = learner.recipe(len(ground.train)).schedule
    seconds = cost.training(len(ground.train), updates=schedule.steps, batch=schedule.batch_size, fits=fits)
    return {"seconds": seconds, "latency": cost.latency, "memory": cost.memory(batch=schedule.batch_size, moving=1.0)}


def _tuned(
    sight: Sight, leader: tuple[Frozen, Foretold] | None, constraints: Constraints
) -> tuple[list[Foretold], list[str]]:
    """Fine-tuning of the leading backbone, as the tangent kernel foretells it; and what the kernel saw, in words."""
    if leader is None or not isinstance(leader[0].backbone, NetworkBackbone):
        return [], []
    frozen, ground = leader[0], sight.ground
    assert isinstance(frozen.backbone, NetworkBackbone)
    found, said = [], []
    where = boundaries(frozen.backbone)
    few = too_few(ground)
    cost = measure(frozen.backbone, ground.dataset, below=[layer for layer in where.values() if layer])
    probed = {} if few or not where else probe_tangent(sight, frozen, where)
    for move, boundary in where.items():
        seconds, memory = tuning_cost(ground, cost, recipe_of(ground, move), boundary)
        option = replace(leader[1].option, strategy="finetune", layers=(), move=move, accuracy=None, evidence="")
        each, saw = probed.get(move, (Foretold(option), ""))
        refused = few or constraints.refusal(
            seconds=seconds, latency=option.latency, parameters=option.parameters, license=option.license
        )
        found.append(each.with_(seconds=seconds, memory=memory, refused=refused))
        said += [f"fine-tuning {move}: {saw}"] if saw else []
    return found, said


def _contenders(
    sight: Sight, run: Scratch, scratch: Foretold, tuned: Sequence[Foretold], best: Foretold,
    leader: tuple[Frozen, Foretold] | None,
) -> dict[str, Contender]:  # fmt: skip
    """What could still win, and cannot be told without trying: learning from nothing where features it would learn
    might make up what its kernel is behind (its word is a lower bound); of what fine-tuning is open likewise, the move
    whose kernel foretells most."""
    found: dict[str, Contender] = {}
    in_reach = best.accuracy - LEARNED
    trained = isinstance(run.learner, NetworkLearner)
    if trained and scratch.correct is not None and _seen(scratch) > in_reach:
        found["scratch"] = scratch_contender(sight, run, scratch)
    open_moves = [
        each for each in tuned
        if not each.option.refused and each.correct is not None
        and (each.accuracy > best.accuracy if each.known else _seen(each) > in_reach)
    ]  # fmt: skip
    if open_moves and leader is not None and isinstance(leader[0].backbone, NetworkBackbone):
        each = max(open_moves, key=lambda one: one.r2)
        found[each.option.move] = tuning_contender(sight, leader[0].backbone, each)
    return found


def _seen(each: Foretold) -> float:
    """The accuracy that an abstaining kernel saw."""
    assert each.correct is not None
    return float(each.correct[each.correct == each.correct].mean())


def _leader(probed: Sequence[Frozen], groups: tuple[str, ...] | None) -> tuple[Frozen, Foretold] | None:
    """The frozen option that would be taken among its like, with its backbone."""
    known = {id(option): (each, option) for each in probed for option in each.foretold if option.known}
    if not known:
        return None
    first, _ = foremost([option for _, option in known.values()], groups)
    return known[id(first)]


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
