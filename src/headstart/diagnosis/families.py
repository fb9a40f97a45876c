"""Which families of methods suit what was found, and why the others do not."""

from __future__ import annotations

from headstart.diagnosis.findings import Condition, Family, LabelFindings, Marginals
from headstart.problem import Setting

LEAST_SHARE = 0.05  # below this effective share of source rows re-weighting is hopeless
MOST_OUTSIDE = 0.2


def families_for(
    setting: Setting,
    conditions: dict[str, Condition],
    marginals: Marginals | None,
    labels: LabelFindings | None,
    *,
    source_labels: bool,
    target_labels: bool,
    harmless: bool = False,
) -> tuple[Family, ...]:
    """In the order in which to try them: those that apply first.

    harmless  the source's head was shown to lose next to nothing on the target
    """
    shift = conditions["P(X)"].answer == "differs"
    concept = conditions["P(Y|X)"].answer == "differs"
    found = [
        _as_it_is(conditions, harmless),
        _label_shift(setting, labels, source_labels),
        _instance(shift, concept, marginals, source_labels),
        _feature(setting, shift, concept, labels, source_labels),
        _parameter(target_labels, concept, setting),
        _target_only(target_labels, concept),
        _bridge(setting),
    ]
    return tuple(sorted((family for family in found if family), key=lambda family: not family.applies))


def _as_it_is(conditions: dict[str, Condition], harmless: bool) -> Family:
    differing = [name for name, condition in conditions.items() if condition.answer == "differs"]
    if differing and harmless:
        why = f"{', '.join(differing)} differ{'s' * (len(differing) == 1)}, but it loses next to nothing on the target"
        return Family("the source model as it is", True, why)
    if differing:
        return Family("the source model as it is", False, f"{', '.join(differing)} differ{'s' * (len(differing) == 1)}")
    return Family("the source model as it is", True, "no difference was shown; keep it as the baseline to beat")


def _label_shift(setting: Setting, labels: LabelFindings | None, source_labels: bool) -> Family:
    name = "prior correction (EM, BBSE)"
    if not source_labels or labels is None or labels.priors is None:
        return Family(name, False, "needs labelled source rows and shared classes")
    if setting.variety == "label shift":
        return Family(name, True, "only the class shares differ: correct the probabilities, retrain nothing; aligning "
                      "features here would do harm")  # fmt: skip
    unproven = labels.priors.p > 0.05
    return Family(name, False, "the class shares are not shown to differ" if unproven else
                  "class shares alone do not explain what is seen")  # fmt: skip


def _instance(shift: bool, concept: bool, marginals: Marginals | None, source_labels: bool) -> Family:
    name = "instance (re-weight or pick source rows)"
    if marginals is None or not source_labels:
        return Family(name, False, "needs labelled source rows in a space both sides share")
    if not shift:
        return Family(name, False, "P(X) is not shown to differ: weights would only add noise")
    if marginals.effective_share < LEAST_SHARE or marginals.outside.low > MOST_OUTSIDE:
        return Family(
            name, False,
            f"re-weighting leaves {marginals.effective_share:.0%} of the source, and {marginals.outside.value:.0%} "
            "of the target lies outside it",
        )  # fmt: skip
    caveat = "; it cannot mend other labels at the same x" if concept else ""
    return Family(name, True, f"{marginals.effective_share:.0%} of the source still counts after re-weighting{caveat}")


def _feature(setting: Setting, shift: bool, concept: bool, labels: LabelFindings | None, source_labels: bool) -> Family:
    name = "feature (align representations)"
    if not setting.homogeneous or not source_labels:
        return Family(name, False, "needs one feature space and labelled source rows")
    if not shift:
        return Family(name, False, "P(X) is not shown to differ: there is nothing to align")
    if setting.variety == "label shift":
        return Family(name, False, "aligning features under label shift mixes classes up")
    if labels and labels.sets in ("partial", "open", "open partial", "disjoint"):
        return Family(name, False, "with unlike label sets plain alignment pulls foreign classes together; use a "
                      "partial or open-set variant")  # fmt: skip
    caveat = "; align class by class, since labels at the same x differ" if concept else ""
    return Family(name, True, f"P(X) differs{caveat}")


def _parameter(target_labels: bool, concept: bool, setting: Setting) -> Family:
    name = "parameter (fine-tune, regularise towards the source)"
    if not target_labels:
        return Family(name, False, "needs labelled target rows")
    why = "the target's labels say what has changed" if concept else "target labels are there and the start is good"
    return Family(name, True, f"{why}; new classes need a new head" if setting.label_sets != "closed" else why)


def _target_only(target_labels: bool, concept: bool) -> Family | None:
    if not target_labels:
        return None
    why = "the source's labels contradict the target's" if concept else "the baseline every transfer has to beat"
    return Family("target labels alone", True, why)


def _bridge(setting: Setting) -> Family | None:
    if setting.homogeneous:
        return None
    why = "the feature spaces differ: map both into one, or use what they share"
    return Family("relation and heterogeneous maps", True, why)
