"""Adapters beside a family: by the facts they declare."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from headstart.adaptation import ADAPTERS
from headstart.diagnosis.diagnosing import diagnose_features
from headstart.diagnosis.findings import Diagnosis
from headstart.diagnosis.side import Side
from headstart.jobs.fitting_methods import with_methods


def shifted(*, labelled: bool) -> Diagnosis:
    rng = np.random.default_rng(0)
    first, second = rng.standard_normal((300, 4)), rng.standard_normal((300, 4)) + 0.8
    labels = [np.where(X[:, 0] + X[:, 1] > 0, "yes", "no") for X in (first, second)]
    return with_methods(diagnose_features(Side.of(first, labels[0]), Side.of(second, labels[1] if labelled else None)))


def methods(found: Diagnosis) -> dict[str, tuple[str, ...]]:
    return {family.name.partition(" (")[0]: family.methods for family in found.families}


def test_families_that_apply_name_adapters_of_their_own() -> None:
    named = methods(shifted(labelled=False))
    assert "coral" in named["feature"]
    assert "kliep" in named["instance"]
    assert all(ADAPTERS[name].family == "feature" for name in named["feature"])
    assert named["prior correction"] == ()


def test_adapters_that_need_target_labels_wait_for_them() -> None:
    assert "augmentation" not in methods(shifted(labelled=False))["feature"]
    assert "augmentation" in methods(shifted(labelled=True))["feature"]


def test_other_columns_leave_methods_that_carry_rows_across() -> None:
    rng = np.random.default_rng(0)
    first, second = rng.standard_normal((120, 4)), rng.standard_normal((120, 3))
    labels = np.where(first[:, 0] > 0, "yes", "no")
    named = methods(with_methods(diagnose_features(Side.of(first, labels), Side.of(second, None))))
    assert named["feature"] == ()
    assert named["relation and heterogeneous maps"] == ("gromov_transport", "co_optimal_transport")
    assert "gromov_transport" not in methods(shifted(labelled=False))["feature"]


def test_other_labels_at_the_same_x_rule_out_what_assumes_the_same() -> None:
    found = shifted(labelled=True)
    conditions = tuple(replace(one, answer="differs") if one.name == "P(Y|X)" else one for one in found.conditions)
    named = methods(with_methods(replace(found, conditions=conditions)))
    assert "coral" not in named["feature"]
    assert "augmentation" in named["feature"]
    assert "tradaboost" in named["instance"]
