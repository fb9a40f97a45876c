"""Making a plan: probe everything, race what the probes cannot tell apart, weigh, and say why."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from headstart.arrays import Rows, Vector
from headstart.backbones.backbone import Backbone
from headstart.features.store import Store
from headstart.planning.cell import Cell, cell_of
from headstart.planning.constraints import Constraints
from headstart.planning.contenders import race_folds, scratch_runner
from headstart.planning.costs import Cost, measure
from headstart.planning.foretold import Foretold
from headstart.planning.label_curve import LabelCurve, label_curve
from headstart.planning.left_out import held_out
from headstart.planning.plan import Option, Plan
from headstart.planning.probing import Frozen, Sight, probe_frozen, probe_raw, probe_scratch
from headstart.planning.race import Racer, Runner, race
from headstart.planning.rows import probe_rows
from headstart.planning.weighing import Weighed, ahead, weigh
from headstart.results import Interval
from headstart.stats.intervals import paired_gain
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
    foretold = [*(option for each in probed for option in each.foretold), raw, *refused]
    notes = [*notes, *([f"from scratch: {saw}"] if saw else [])]
    if racing and _worth_racing(scratch, foretold):
        scratch = _raced(sight, run, scratch, [*probed], raw, raw_matrix)
    weighed = weigh([*foretold, scratch], constraints, groups=sight.groups)
    leader = _leader(probed)
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


def _worth_racing(scratch: Foretold, foretold: Sequence[Foretold]) -> bool:
    """Whether learning from nothing could still win: its kernel abstains, and features it would learn might make up
    what it is behind."""
    if scratch.known or scratch.correct is None:
        return False
    known = [each.accuracy for each in foretold if each.known]
    behind = max(known, default=0.0) - float(np.nanmean(scratch.correct))
    return behind < LEARNED


def _raced(
    sight: Sight, run: Scratch, scratch: Foretold, probed: Sequence[Frozen], raw: Foretold, raw_matrix: object
) -> Foretold:
    """Learning from nothing after a short race against what stands."""
    folds = race_folds(sight.ground)
    local = _local(sight, folds)
    name, matrix = "raw input", raw_matrix
    best, mark = raw, _mark(sight, raw_matrix, local)
    leader = _leader(probed)
    if leader is not None and not ahead(raw, leader[1], sight.groups):
        name, matrix = leader[1].option.name, leader[0].matrices[leader[1].option.layers]
        best, mark = leader[1], _mark(sight, matrix, local)
    runners: dict[str, Runner] = {"from scratch": _scored_alike(scratch_runner(sight.ground, run, folds), sight, folds)}
    racer = race(runners, standing={name: mark})["from scratch"]
    sight.count("race", round(racer.shares[-1] * 3 * _samples(run, sight.ground) * len(folds)))
    return after_race(scratch, racer, best, mark, np.concatenate([score for _, score in local]), len(sight.rows))


def after_race(each: Foretold, racer: Racer, best: Foretold, mark: Vector, scored: Rows, n: int) -> Foretold:
    """A contender's accuracy: that of what stands, and the difference seen on the rows both were scored on, carried
    on to a full run."""
    difference = paired_gain(racer.correct, mark)
    still = racer.full - racer.accuracies[-1]
    base = best.option.accuracy
    assert base is not None, "what stands was foretold"
    value = float(np.clip(base.value + difference.value + still, 0, 1))
    half = float(np.hypot((difference.high - difference.low) / 2, (base.high - base.low) / 2)) + still / 2
    correct = np.full(n, np.nan)
    correct[scored] = racer.correct
    words = f"race, {racer.shares[-1]:.0%} of the run" + (f"; {racer.dropped}" if racer.dropped else "")
    interval = Interval(value, max(0.0, value - half), min(1.0, value + half))
    return replace(each.with_(accuracy=interval, evidence=words), correct=correct)


def _local(sight: Sight, folds: Sequence[tuple[Rows, Rows]]) -> list[tuple[Rows, Rows]]:
    return sight.folds()[: len(folds)]


def _mark(sight: Sight, X: object, local: Sequence[tuple[Rows, Rows]]) -> Vector:
    """Right or wrong on the race's held-out rows, by a ridge head on the same rows to fit."""
    found = held_out(X, sight.labels, local, sight.ground.n_classes)
    return np.concatenate([found.correct[score] for _, score in local])


def _scored_alike(run: Runner, sight: Sight, folds: Sequence[tuple[Rows, Rows]]) -> Runner:
    """The runner, its answers cut down to the rows the probes look at."""
    kept = np.concatenate([np.isin(score, sight.rows) for _, score in folds])
    return lambda share: run(share)[kept]


def _samples(run: Scratch, ground: Ground) -> int:
    recipe = run.learner.recipe(len(ground.train))
    return 0 if recipe is None else recipe.schedule.steps * recipe.schedule.batch_size


def _leader(probed: Sequence[Frozen]) -> tuple[Frozen, Foretold] | None:
    """The frozen option of the largest foretold accuracy, with its backbone."""
    known = [(each, option) for each in probed for option in each.foretold if option.known]
    return max(known, key=lambda pair: pair[1].accuracy) if known else None


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
