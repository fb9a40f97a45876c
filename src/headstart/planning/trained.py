"""Fine-tuning and learning from scratch beside the best that stands without training: what experience says of them,
what is worth asking, and what the answers were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from headstart.backbones.network import NetworkBackbone
from headstart.planning.constraints import Constraints
from headstart.planning.contenders import FEW, Contender, race_folds, run_race, scratch_contender, tuning_contender
from headstart.planning.costs import measure
from headstart.planning.experience import WORTH, Lead, expected_error, scratch_lead, tuning_lead
from headstart.planning.foretold import Foretold, gain, standard_error
from headstart.planning.plan import Option
from headstart.planning.probing import MOST_GRADIENTS, Frozen, Sight, probe_scratch, probe_tangent
from headstart.planning.tuned import boundaries, recipe_of, too_few, tuning_cost
from headstart.strategies.network_learner import NetworkLearner
from headstart.strategies.scratch import Scratch

HOPELESS = 3.0  # standard deviations behind


@dataclass(frozen=True, eq=False)
class Mark:
    """What training is measured against: the leading frozen option; the raw input where there is none.

    matrix  the features it rests on, a row per probe row
    frozen  its backbone
    """

    best: Foretold
    matrix: Any
    frozen: Frozen | None = None


@dataclass(frozen=True, eq=False)
class Trained:
    """What must be trained, as foretold, and what was seen, in sentences."""

    scratch: Foretold
    tuned: tuple[Foretold, ...]
    notes: tuple[str, ...]


def foretell_trained(
    sight: Sight, run: Scratch, mark: Mark, raw: Foretold, constraints: Constraints, *, moves: Sequence[str],
    racing: bool,
) -> Trained:  # fmt: skip
    """Ask the kernels and the race what they may still change; say of the rest what experience says."""
    scratch, saw = _scratch(sight, run, mark, raw)
    tuned, said = _tuned(sight, mark, constraints, moves)
    notes = [*([f"from scratch: {saw}"] if saw else []), *said]
    if racing and len(sight.ground.train) <= FEW:
        notes.append(f"no race: on {len(sight.ground.train)} rows a short run could not be told from luck")
    elif racing:
        contenders = _contenders(sight, run, scratch, tuned, mark)
        raced = run_race(sight, contenders, mark.best, mark.matrix)
        scratch = raced.get("scratch", scratch)
        tuned = [raced.get(each.option.move, each) for each in tuned]
    return Trained(scratch, tuple(tuned), tuple(notes))


def _scratch(sight: Sight, run: Scratch, mark: Mark, raw: Foretold) -> tuple[Foretold, str]:
    """Learning from nothing; its kernel is not asked where the raw input is hopelessly behind."""
    best = mark.best
    if not isinstance(run.learner, NetworkLearner) or not best.known or not raw.known:
        return probe_scratch(sight, run)
    difference = gain(raw, best, sight.groups)
    assert difference is not None, "both are known"
    lead = scratch_lead(best.accuracy, raw.accuracy, 0.0 if best is raw else standard_error(difference))
    if lead.value + HOPELESS * lead.error < 0:
        why = (f"not probed: the raw input is {-100 * difference.value:.0f} points behind {best.option.name}, more "
               "than learning from so few rows makes up for")  # fmt: skip
        return Foretold(Option(strategy="scratch", license="own (trained here)", abstained=why)), ""
    found, saw = probe_scratch(sight, run, beside=mark.matrix)
    if found.lead is not None:  # the kernel's word, and the leading accuracy it is measured against
        found = believed(found, best, found.lead, found.option.evidence)
    return replace(found, lead=lead), saw


def _tuned(
    sight: Sight, mark: Mark, constraints: Constraints, moves: Sequence[str]
) -> tuple[list[Foretold], list[str]]:
    """Fine-tuning of the leading backbone, by experience, and by the tangent kernel where that may change much."""
    if mark.frozen is None or not isinstance(mark.frozen.backbone, NetworkBackbone):
        return [], []
    frozen, leader, ground = mark.frozen, mark.best, sight.ground
    where = boundaries(mark.frozen.backbone, moves)
    few = too_few(ground)
    cost = measure(frozen.backbone, ground.dataset, below=[layer for layer in where.values() if layer])
    lead = tuning_lead(leader.accuracy, len(ground.train) / ground.n_classes, ground.dataset.modality)
    asked = not few and _worth_asking(lead, leader, min(len(sight.rows), MOST_GRADIENTS), taken=lead.likely)
    probed = probe_tangent(sight, frozen, where, beside=mark.matrix) if asked and where else {}
    found, said = [], []
    for move, boundary in where.items():
        seconds, memory = tuning_cost(ground, cost, recipe_of(ground, move), boundary)
        option = replace(leader.option, strategy="finetune", layers=(), move=move, accuracy=None, evidence="")
        each, saw = probed.get(move, (Foretold(option), ""))
        refused = few or constraints.refusal(
            seconds=seconds, latency=option.latency, parameters=option.parameters, license=option.license
        )
        if not few and not leader.r2 <= 0:  # experience is of features that say something
            each = _with_experience(each, leader, lead)
        found.append(each.with_(seconds=seconds, memory=memory, refused=refused))
        said += [f"fine-tuning {move}: {saw}"] if saw else []
    return found, said


def _with_experience(each: Foretold, leader: Foretold, lead: Lead) -> Foretold:
    if each.lead is None:
        return believed(each, leader, lead, "experience")
    return believed(each, leader, lead.measured(each.lead.value, each.lead.error), each.option.evidence)


def believed(each: Foretold, best: Foretold, lead: Lead, evidence: str) -> Foretold:
    """The option at the best one's accuracy and what it is believed to be ahead."""
    return replace(each.with_(accuracy=lead.beside(best.option.accuracy), evidence=evidence), lead=lead)


def _worth_asking(lead: Lead, best: Foretold, rows: int, *, taken: bool) -> bool:
    """Whether a kernel or race on so many rows could change enough about the choice."""
    return best.known and lead.worth(expected_error(best.accuracy, rows), taken=taken) >= WORTH


def _contenders(
    sight: Sight, run: Scratch, scratch: Foretold, tuned: Sequence[Foretold], mark: Mark
) -> dict[str, Contender]:  # fmt: skip
    """What a race may still change the choice about: learning from nothing, and of what fine-tuning is open the move
    that is believed to lead by most."""
    found: dict[str, Contender] = {}
    rows = sum(len(score) for _, score in race_folds(sight.ground))
    trains = isinstance(run.learner, NetworkLearner)
    if trains and scratch.lead is not None and _worth_asking(scratch.lead, mark.best, rows, taken=False):
        found["scratch"] = scratch_contender(sight, run, scratch)
    network = mark.frozen.backbone if mark.frozen is not None else None
    leads = [(each, each.lead) for each in tuned if not each.option.refused and each.lead is not None]
    if leads and isinstance(network, NetworkBackbone):
        each, lead = max(leads, key=lambda pair: pair[1].value)
        if _worth_asking(lead, mark.best, rows, taken=lead.likely):
            found[each.option.move] = tuning_contender(sight, network, each)
    return found
