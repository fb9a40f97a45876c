"""From evidence to one of three answers per condition: same, differs, unknown. A small p alone is never enough, and
"same" needs a test of its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from headstart.diagnosis.conditionals import Conditionals
from headstart.diagnosis.findings import Answer, Condition, LabelFindings, Marginals
from headstart.diagnosis.harm import Harm
from headstart.diagnosis.schema import Schema
from headstart.results import Interval, fraction
from headstart.stats.combination import bonferroni

NEGLIGIBLE_AUC = 0.55  # a domain classifier this close to chance tells the sides apart in few rows
NEGLIGIBLE_SHARES = 0.05  # total variation: so many rows in a hundred belong to another class


@dataclass(frozen=True)
class Evidence:
    """What the four answers rest on; None where it could not be had.

    margin      the loss in accuracy that counts as none
    no_samples  the source is a model, which reads the target's samples but keeps none of its own
    """

    schema: Schema
    marginals: Marginals | None
    labels: LabelFindings
    conditionals: Conditionals
    harm: Harm | None
    only_shares: bool
    alpha: float
    margin: float
    no_samples: bool = False

    @property
    def adjusted(self) -> dict[str, float]:
        """p of each question that was asked of these data, adjusted for their number."""
        asked = {"P(Y|X)": self.conditionals.p}
        if self.marginals:
            asked["P(X)"] = self.marginals.test.p
        if self.labels.priors:
            asked["P(Y)"] = self.labels.priors.p
        return bonferroni({name: p for name, p in asked.items() if np.isfinite(p)})


def conditions_of(evidence: Evidence) -> tuple[Condition, ...]:
    adjusted = evidence.adjusted
    return (
        _feature_space(evidence),
        _marginal(evidence, adjusted.get("P(X)", float("nan"))),
        _label_space(evidence),
        _conditional(evidence, adjusted.get("P(Y|X)", float("nan"))),
    )


def _feature_space(evidence: Evidence) -> Condition:
    schema, marginals = evidence.schema, evidence.marginals
    if marginals is None:
        answer: Answer = "differs" if not schema.same else "same" if evidence.no_samples else "unknown"
        return Condition("X", answer, schema.reason)
    reason = f"{schema.reason}; {marginals.outside.value:.0%} of the target rows lie outside the source's support"
    answer = "differs" if not schema.same else "unknown" if schema.doubt else "same"
    reason = f"{reason}; {schema.doubt}" if schema.doubt else reason
    return Condition("X", answer, reason, effect_name="outside support", effect=marginals.outside)


def _marginal(evidence: Evidence, p: float) -> Condition:
    marginals, harm = evidence.marginals, evidence.harm
    if marginals is None:
        lacking = "a model keeps no samples" if evidence.no_samples else "there are no rows in shared features"
        return Condition("P(X)", "unknown", f"{lacking}: nothing to compare")
    auc = marginals.auc
    close = auc.high < NEGLIGIBLE_AUC
    harmless = harm is not None and all(
        harm.within(evidence.margin, part=part, alpha=evidence.alpha) for part in ("loss", "x_part")
    )  # the two parts of a loss can cancel: neither alone shows that nothing is lost
    cost = harm.x_part if harm and not np.isnan(harm.x_part.value) else None
    told = f"a classifier tells the sides apart with AUC {fraction(auc.value)}"
    if marginals.test.smallest > evidence.alpha:
        answer: Answer = "unknown"
        alike = "every row equals every other: they say nothing"
        reason = "too few rows or groups for any difference to be significant" if marginals.test.blocks else alike
    elif p <= evidence.alpha and close and harmless:
        answer = "same"
        reason = (
            f"a difference can be shown, but it is negligible: {told}, and it costs less than {evidence.margin:.0%}"
        )
    elif p <= evidence.alpha and close and harm is None:
        answer = "unknown"
        reason = f"a difference can be shown, but a small one: {told}; what it costs takes labels on both sides to tell"
    elif p <= evidence.alpha:
        seen = min(marginals.test.blocks, key=lambda name: marginals.test.blocks[name])
        answer, reason = "differs", f"{told}; seen most clearly in: {seen}"
    elif close and harmless:
        answer, reason = "same", f"no difference is seen, and it costs less than {evidence.margin:.0%}: {told}"
    else:
        answer, reason = "unknown", "no difference is seen, but these data cannot show that there is none"
    return Condition("P(X)", answer, reason, p, "AUC", auc, cost)


def _label_space(evidence: Evidence) -> Condition:
    labels = evidence.labels
    if labels.sets == "unknown":
        return Condition("Y", "unknown", "the classes of one side are not known")
    answer: Answer = "same" if labels.sets == "closed" else "differs"
    parts = [f"{len(labels.shared)} shared classes"]
    if answer == "differs" and labels.absence > evidence.alpha:
        answer = "unknown"
        parts.append("so few labelled rows may miss a class by chance")
    if labels.only_source:
        parts.append(f"only in the source: {_some(labels.only_source)}")
    if labels.only_target:
        parts.append(f"only in the target: {_some(labels.only_target)}")
    if evidence.only_shares:
        parts.append("their shares alone explain what else is seen (label shift)")
    union = len(labels.shared) + len(labels.only_source) + len(labels.only_target)
    shared = Interval(len(labels.shared) / max(union, 1), float("nan"), float("nan"))
    return Condition("Y", answer, "; ".join(parts), effect_name="classes shared", effect=shared)


def shares_of(evidence: Evidence) -> Condition | None:
    """P(Y), the class shares: no condition of its own, but what tells label shift from the rest. None: not known."""
    labels, priors = evidence.labels, evidence.labels.priors
    if priors is None:
        return None
    p = evidence.adjusted["P(Y)"]
    answer: Answer = "unknown"
    if priors.how == "counted":
        small = priors.most_apart < NEGLIGIBLE_SHARES
        answer = "same" if small else "differs" if p <= evidence.alpha else "unknown"
        seen = "differ" if p <= evidence.alpha else "are not shown to differ"
        reason = f"counted shares {seen}{'; at most by ' + fraction(priors.most_apart) if small else ''}"
        effect = Interval(priors.cramers_v, float("nan"), float("nan"))
        return Condition("P(Y)", answer, reason, p, "Cramér's V", effect)
    if not priors.trusted:
        reason = f"the head confuses classes too much to tell (condition {priors.condition:.0f})"
    elif labels.shift_alone != labels.shift_alone:
        reason = "estimated shares hold only if each class looks the same on both sides, which cannot be checked here"
    elif labels.shift_alone <= evidence.alpha:
        reason = "estimated shares hold only if each class looks the same on both sides, which is not what is seen"
    elif p <= evidence.alpha:
        answer, reason = "differs", "estimated shares differ, and rows of the source drawn in them look like the target"
    else:
        reason = "estimated shares are not shown to differ"
    effect = Interval(priors.total_variation, float("nan"), float("nan"))
    return Condition("P(Y)", answer, reason, p, "total variation", effect)


def _conditional(evidence: Evidence, p: float) -> Condition:
    found, harm = evidence.conditionals, evidence.harm
    cost = harm.label_part if harm else None
    cost = None if cost is None or np.isnan(cost.value) else cost
    effect_name = "" if cost is None else "accuracy at the same x"
    harmless = harm is not None and harm.within(evidence.margin, part="label_part", alpha=evidence.alpha)
    answer: Answer = "unknown"
    reason = found.reason
    if found.answer == "differs" and p <= evidence.alpha:
        tiny = harm is not None and harm.target.n >= 2000 and harm.within(0.01, part="label_part", alpha=evidence.alpha)
        answer, reason = ("same", "a difference can be shown, but costs less than 1 %") if tiny else ("differs", reason)
        if evidence.only_shares:
            reason = "labels at the same x differ, but only as the class shares do: correct the priors"
    elif found.answer == "not seen" and harmless:
        answer, reason = "same", f"{reason}, and it costs less than {evidence.margin:.0%}"
    elif found.answer == "differs":
        reason = f"{reason}, but not beyond doubt once all questions are counted"
    if harm and answer != "differs" and harm.loss.low > 0:
        reason += f". The drop in accuracy of {fraction(harm.loss.value)} is no evidence of it: P(X) alone can do that"
    return Condition("P(Y|X)", answer, reason, p, effect_name, cost, cost)


def _some(names: tuple[str, ...]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
