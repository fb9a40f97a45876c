"""From what was foretold to what is done: gains, risks, limits, and the option that is taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from headstart.errors import PlanError
from headstart.planning.constraints import Constraints
from headstart.planning.foremost import beyond_chance, foremost
from headstart.planning.foretold import Foretold, gain, p_below_zero, standard_error
from headstart.planning.support import FOREIGN
from headstart.results import Interval

TRANSFERS = ("frozen", "finetune")


@dataclass(frozen=True, eq=False)
class Weighed:
    """All options, best first, with the one that is taken (a position) and why."""

    foretold: tuple[Foretold, ...]
    chosen: int
    reasons: tuple[str, ...]

    @property
    def taken(self) -> Foretold:
        return self.foretold[self.chosen]


def weigh(foretold: Sequence[Foretold], constraints: Constraints, *, groups: tuple[str, ...] | None = None) -> Weighed:
    """Compare all options with both baselines, refuse what breaks a limit, take one.

    Among frozen options `foremost` decides. Fine-tuning is taken only where it is two to one that it is ahead of them.
    A baseline replaces all of these where it is ahead beyond chance, learning from scratch also where a race leaves it
    two to one; the guard, which sees every fold, may still do so when the plan is carried out.

    Raises `PlanError` where the limits leave nothing, with the smallest budget that would leave something.
    """
    marked = [_limited(each, constraints) for each in foretold]
    compared = _compared(marked, groups)
    allowed = [each for each in compared if not each.option.refused]
    if not allowed:
        raise PlanError(_nothing_left(compared, constraints))
    taken, reasons = _taken(allowed, groups)
    order = sorted(compared, key=lambda each: (bool(each.option.refused), -_value(each)))
    return Weighed(tuple(order), order.index(taken), tuple(reasons))


def _limited(each: Foretold, constraints: Constraints) -> Foretold:
    option = each.option
    if option.refused:
        return each
    refusal = constraints.refusal(
        seconds=option.seconds, latency=option.latency, parameters=option.parameters, license=option.license
    )
    return each.with_(refused=refusal) if refusal else each


def _compared(foretold: list[Foretold], groups: tuple[str, ...] | None) -> list[Foretold]:
    """Each option with its gains over both baselines and the probability that it ends below the better one."""
    scratch = next((each for each in foretold if each.option.strategy == "scratch"), None)
    target_only = next((each for each in foretold if each.option.strategy == "target only"), None)
    return [_beside(each, scratch, target_only, groups) for each in foretold]


def _beside(
    each: Foretold, scratch: Foretold | None, target_only: Foretold | None, groups: tuple[str, ...] | None
) -> Foretold:
    over_scratch = None if scratch is None or each is scratch else gain(each, scratch, groups)
    over_target = None if target_only is None or each is target_only else gain(each, target_only, groups)
    known = [difference for difference in (over_scratch, over_target) if difference is not None]
    risk = max(map(p_below_zero, known)) if known else float("nan")
    return each.with_(over_scratch=over_scratch, over_target_only=over_target, p_negative=risk)


def _taken(allowed: list[Foretold], groups: tuple[str, ...] | None) -> tuple[Foretold, list[str]]:
    transfers = [each for each in allowed if each.option.strategy in TRANSFERS]
    frozen = [each for each in transfers if each.option.strategy == "frozen" and each.known]
    frozen = frozen if any(map(_spoke, frozen)) else []
    trained = [each for each in transfers if each.option.strategy == "finetune" and each.known]
    nulls = [each for each in allowed if each.option.strategy not in TRANSFERS]
    baselines = [each for each in nulls if _spoke(each)]
    if not frozen and not trained:
        telling = [each for each in baselines if each.r2 > 0]
        if transfers and telling:
            best = max(telling, key=_value)
            return best, [f"{best.option.name} foretells the labels, and no transferred features do"]
        return _without_evidence(transfers, baselines or nulls)
    reasons: list[str] = []
    taken, why = foremost(frozen, groups) if frozen else (max(trained, key=_value), "")
    reasons += [why] if why else []
    for each in sorted(trained, key=_value, reverse=True):
        if each is not taken and _leads(each, frozen, groups):
            told = _points(gain(each, taken, groups))
            reasons.append(f"{each.option.name} is foretold {told} over {taken.option.name} ({each.option.evidence})")
            taken = each
            break
    else:
        if trained:
            best = max(trained, key=_value)
            reasons.append(f"fine-tuning ({best.option.move}) is not foretold to gain for sure enough: "
                           f"{_points(gain(best, taken, groups))}")  # fmt: skip
    better = [each for each in baselines if _better(each, taken, groups)]
    if better:
        best = max(better, key=_value)
        reasons.append(f"{best.option.name} is foretold {_points(gain(best, taken, groups))} over {taken.option.name}: "
                       "transfer is not helping")  # fmt: skip
        return best, reasons
    return taken, reasons


def _leads(each: Foretold, frozen: Sequence[Foretold], groups: tuple[str, ...] | None) -> bool:
    """Whether training is to be taken before frozen features: two to one that it is ahead, by all that is believed; by
    more than one standard error where nothing but its own accuracy is known."""
    if each.lead is not None:
        return each.lead.likely
    return all(ahead(each, standing, groups) for standing in frozen)


def _better(baseline: Foretold, taken: Foretold, groups: tuple[str, ...] | None) -> bool:
    """Whether a baseline is to be taken instead: it is ahead beyond chance, or was raced and is likely ahead."""
    if baseline.lead is None or not baseline.option.evidence.startswith("race"):
        return beyond_chance(baseline, taken, groups, by_rows=False)
    other = taken.lead.value if taken.lead is not None else 0.0
    return baseline.lead.likely and baseline.lead.value > other


def _without_evidence(transfers: list[Foretold], baselines: list[Foretold]) -> tuple[Foretold, list[str]]:
    """No probe spoke, or none found anything: the usual layers of the first backbone, the standing advice for a handful
    of labels; no backbone that is known to have learned from other data than these."""
    frozen = [each for each in transfers if each.option.strategy == "frozen"]
    near = [each for each in frozen if not each.outside >= FOREIGN]
    usual = [each for each in near if each.usual]
    if usual:
        whose = "the first backbone" if len(near) == len(frozen) else "a backbone whose own data were like these"
        return usual[0], [f"too few labels for any probe: the usual layers of {whose}, frozen, are the safest guess"]
    if frozen and baselines:
        lost = (
            f"{100 * frozen[0].outside:.0f} % of the rows lie outside what {frozen[0].option.backbone} has learned from"
        )
        alone = next((each for each in baselines if each.option.strategy == "target only"), baselines[0])
        return alone, [f"too few labels for any probe, and {lost}: the target alone is the safest guess"]
    if baselines:
        return max(baselines, key=_value), ["there is nothing to transfer from"]
    raise PlanError("no probe could say anything, and nothing stands ready frozen; label two samples of each class")


def _spoke(each: Foretold) -> bool:
    """Whether it is foretold on anything: features that foretell the labels no better than the shares of the classes do
    (R² of 0 and less) have an accuracy all the same, by luck."""
    return each.known and not each.r2 <= 0


def ahead(first: Foretold, second: Foretold, groups: tuple[str, ...] | None = None) -> bool:
    """Whether the first is better by more than one standard error of the difference."""
    difference = gain(first, second, groups)
    return difference is not None and difference.value > standard_error(difference)


def _value(each: Foretold) -> float:
    return each.accuracy if each.known else -np.inf


def _points(difference: Interval | None) -> str:
    if difference is None:
        return "an unknown number of points"
    return f"{100 * difference.value:+.1f} points [{100 * difference.low:+.1f}, {100 * difference.high:+.1f}]"


def _nothing_left(foretold: list[Foretold], constraints: Constraints) -> str:
    reasons = "; ".join(f"{each.option.name}: {each.option.refused}" for each in foretold[:4])
    relaxed = [
        each for each in foretold
        if not Constraints(latency=constraints.latency, max_params=constraints.max_params, license=constraints.license)
        .refusal(seconds=0.0, latency=each.option.latency, parameters=each.option.parameters,
                 license=each.option.license)
    ]  # fmt: skip
    if constraints.budget is not None and relaxed:
        cheapest = min(relaxed, key=lambda each: each.option.seconds)
        return (
            f"a budget of {constraints.budget:.0f} s is too small for anything; the smallest that works is about "
            f"{np.ceil(cheapest.option.seconds):.0f} s ({cheapest.option.name})"
        )
    return f"no option keeps within the limits ({reasons}); relax one of them"
