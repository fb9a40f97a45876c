"""The setting by name, with a sentence per clause."""

from __future__ import annotations

from dataclasses import replace

import pytest

from headstart.diagnosis.setting import Facts, setting_of

BOTH = Facts(True, True, True, "closed", "differs", "unknown")


@pytest.mark.parametrize(
    ("facts", "kind", "variety"),
    [
        (BOTH, "inductive", "multi-task"),
        (replace(BOTH, source_labels=False), "inductive", "self-taught"),
        (replace(BOTH, target_labels=False), "transductive", "domain adaptation"),
        (replace(BOTH, source_labels=False, target_labels=False), "unsupervised", "representation and clustering"),
        (replace(BOTH, conditionals="same"), "inductive", "covariate shift"),
        (replace(BOTH, conditionals="differs"), "inductive", "concept shift"),
        (replace(BOTH, only_shares=True), "inductive", "label shift"),
        (replace(BOTH, target_labels=False, only_shares=True), "transductive", "label shift"),
        (replace(BOTH, label_sets="disjoint"), "inductive", "multi-task"),
        (replace(BOTH, marginals="same", conditionals="same"), "inductive", "same problem"),
        (replace(BOTH, marginals="unknown"), "inductive", "not settled"),
    ],
)
def test_names(facts: Facts, kind: str, variety: str) -> None:
    found = setting_of(facts)
    assert (found.kind, found.variety) == (kind, variety)
    assert len(found.reasons) == 4


def test_unlike_features_make_it_heterogeneous() -> None:
    assert "heterogeneous" in setting_of(replace(BOTH, homogeneous=False)).name
