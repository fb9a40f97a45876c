"""From what is there and what differs to the field's name for it, with a sentence for each clause."""

from __future__ import annotations

from dataclasses import dataclass

from headstart.problem import Kind, LabelSets, Setting


@dataclass(frozen=True)
class Facts:
    """What the name rests on. `marginals` and `conditionals` are "same", "differs" or "unknown"."""

    source_labels: bool
    target_labels: bool
    homogeneous: bool
    label_sets: LabelSets
    marginals: str
    conditionals: str
    only_shares: bool = False  # the class shares differ and nothing else was seen to


def setting_of(facts: Facts) -> Setting:
    """The setting by name (Pan & Yang 2010; Quionero-Candela et al. 2009 for the shifts)."""
    kind, why = _kind(facts)
    variety, because = _variety(facts, kind)
    spaces = "both sides are described by the same features" if facts.homogeneous else "the feature spaces differ"
    heterogeneous = "" if facts.homogeneous else ": only what both share, or a map between them, can carry knowledge"
    reasons = (why, because, f"{spaces}{heterogeneous}", SETS[facts.label_sets])
    return Setting(kind, variety, facts.homogeneous, facts.label_sets, reasons)


SETS: dict[LabelSets, str] = {
    "closed": "both sides have the same classes",
    "partial": "the target has only some of the source's classes: source rows of the others can mislead",
    "open": "the target has classes the source lacks: the source's answers for their rows are wrong whatever is done",
    "open partial": "each side has classes the other lacks",
    "disjoint": "no class is shared: features can move, answers cannot",
    "unknown": "the classes of one side are not known",
}


def _kind(facts: Facts) -> tuple[Kind, str]:
    if facts.target_labels:
        return "inductive", "target rows carry labels, so the target's own answers can be learned"
    if facts.source_labels:
        return "transductive", "only the source carries labels: the task must be the same, the domain may differ"
    return "unsupervised", "neither side carries labels: only structure can move"


def _variety(facts: Facts, kind: Kind) -> tuple[str, str]:
    if kind == "unsupervised":
        return "representation and clustering", "there is nothing to predict yet"
    if not facts.source_labels:
        return "self-taught", "the source has no labels: it can teach a representation, not answers"
    if facts.only_shares:
        return "label shift", "the class shares differ, and once they are matched nothing else is seen to"
    if facts.label_sets in ("disjoint", "open partial", "open") and kind == "inductive":
        return "multi-task", "the label spaces differ, so that two tasks share a representation"
    if facts.conditionals == "differs":
        return "concept shift", "the same x gets other labels: two tasks on related domains"
    if facts.marginals == "differs":
        return _shifted(facts, kind)
    if facts.marginals == "same":
        return "same problem", "no difference beyond what two samples of one problem show"
    return "not settled", "no difference was shown, nor was sameness"


def _shifted(facts: Facts, kind: Kind) -> tuple[str, str]:
    if facts.conditionals == "same":
        return "covariate shift", "P(X) differs and labels at the same x agree: a biased sample of one problem"
    if kind == "inductive":
        return "multi-task", "P(X) differs, with labels on both sides: supervised domain adaptation by another name"
    return "domain adaptation", "P(X) differs; whether labels at the same x do cannot be known without target labels"
