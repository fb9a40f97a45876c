"""Which adapters suit a diagnosis: read from the facts that they declare, not from a list kept here."""

from __future__ import annotations

from dataclasses import replace

from headstart.adaptation import ADAPTERS
from headstart.adaptation.adapter import Adapter
from headstart.diagnosis.findings import Diagnosis, Family

MOVED = {
    "prior correction": "label shift",
    "instance": "instance",
    "feature": "feature",
    "relation and heterogeneous maps": "feature",
}


def with_methods(found: Diagnosis) -> Diagnosis:
    """The diagnosis with the names of fitting adapters beside each family that applies."""
    return replace(found, families=tuple(replace(one, methods=methods_of(one, found)) for one in found.families))


def methods_of(family: Family, found: Diagnosis) -> tuple[str, ...]:
    """Adapters of this family whose needs are met and whose assumption is not what was found to be false."""
    moved = MOVED.get(family.name.partition(" (")[0])
    if moved is None or not family.applies:
        return ()
    return tuple(name for name in ADAPTERS if _fits(ADAPTERS[name], moved, found))


def _fits(adapter: type[Adapter], moved: str, found: Diagnosis) -> bool:
    labels_there = found.labelled[0] or not adapter.needs_source_labels
    labels_here = found.labelled[1] or not adapter.needs_target_labels
    spaces = (
        found.setting.homogeneous == adapter.same_features
    )  # shared columns are worth more than a map found without
    classes = found.setting.label_sets in ("closed", "unknown") or not adapter.same_labels
    means_the_same = not adapter.assumes.startswith(("covariate shift", "no shift"))
    concept = found["P(Y|X)"].answer == "differs" and moved != "label shift"
    return bool(
        adapter.family == moved and labels_there and labels_here and spaces and classes
        and (means_the_same or not concept)
    )  # fmt: skip
