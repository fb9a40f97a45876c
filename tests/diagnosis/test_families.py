"""Which methods apply, and the words for those that do not."""

from __future__ import annotations

import numpy as np

from headstart.diagnosis.families import families_for
from headstart.diagnosis.findings import CONDITIONS, Condition, Family, LabelFindings, Marginals
from headstart.diagnosis.labels import counted_priors
from headstart.diagnosis.omnibus import Omnibus
from headstart.problem import LabelSets, Setting
from headstart.results import Interval

CODES = np.repeat([0, 1], 50)


def found(
    *differing: str,
    share: float = 0.5,
    variety: str = "x",
    sets: LabelSets = "closed",
    target_labels: bool = True,
    harmless: bool = False,
) -> dict[str, Family]:
    conditions = {name: Condition(name, "differs" if name in differing else "same", "") for name in CONDITIONS}
    marginals = Marginals(
        Omnibus(0.1, {}, (9, 9), 0.01), Interval(0.8, 0.7, 0.9), 1.0, share, Interval(0.0, 0, 0.1), ()
    )
    labels = LabelFindings(sets, ("a", "b"), (), (), priors=counted_priors(("a", "b"), CODES, CODES))
    setting = Setting("inductive", variety, "X" not in differing, sets)
    families = families_for(
        setting, conditions, marginals, labels, source_labels=True, target_labels=target_labels, harmless=harmless
    )
    return {family.name.partition(" (")[0]: family for family in families}


def test_nothing_differs_keeps_the_source_model() -> None:
    assert found()["the source model as it is"].applies
    assert not found()["feature"].applies
    assert not found()["instance"].applies


def test_a_difference_that_costs_nothing_keeps_it_too() -> None:
    assert found("P(X)", harmless=True)["the source model as it is"].applies
    assert not found("P(X)")["the source model as it is"].applies


def test_a_shift_calls_for_weights_or_alignment() -> None:
    assert found("P(X)")["instance"].applies
    assert found("P(X)")["feature"].applies
    assert "leaves 1%" in found("P(X)", share=0.01)["instance"].why
    assert not found("P(X)", share=0.01)["instance"].applies


def test_label_shift_is_corrected_and_never_aligned() -> None:
    families = found("P(X)", variety="label shift")
    assert families["prior correction"].applies
    assert not families["feature"].applies


def test_unlike_label_sets_and_missing_labels() -> None:
    assert "open-set" in found("P(X)", "Y", sets="open")["feature"].why
    assert not found("P(Y|X)", target_labels=False)["parameter"].applies
    assert "relation and heterogeneous maps" in found("X")


def test_those_that_apply_come_first() -> None:
    order = [family.applies for family in found("P(X)").values()]
    assert order == sorted(order, reverse=True)
