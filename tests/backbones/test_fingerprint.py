"""Equal contents have equal digests; any other content has another one."""

from __future__ import annotations

import pytest
import torch

from headstart.backbones.fingerprint import canonical, fingerprint

STATE = {"a": torch.arange(6, dtype=torch.float32).reshape(2, 3), "b": torch.tensor(1)}


def test_order_layout_and_place_do_not_count():
    reordered = {"b": STATE["b"].clone(), "a": STATE["a"].t().contiguous().t()}
    assert fingerprint(reordered, {"x": 1, "y": (2, 3)}) == fingerprint(STATE, {"y": [2, 3], "x": 1})


@pytest.mark.parametrize(
    "other",
    [
        {**STATE, "b": torch.tensor(2)},
        {**STATE, "b": torch.tensor(1, dtype=torch.int32)},
        {"a": STATE["a"].reshape(3, 2), "b": STATE["b"]},
        {"c": STATE["a"], "b": STATE["b"]},
        {"a": STATE["a"]},
    ],
    ids=["value", "type", "shape", "name", "missing"],
)
def test_everything_else_counts(other):
    assert fingerprint(other, {}) != fingerprint(STATE, {})


def test_facts_count():
    assert fingerprint(STATE, {"size": 224}) != fingerprint(STATE, {"size": 256})


def test_facts_must_be_json():
    with pytest.raises(ValueError, match="JSON"):
        canonical({"value": float("nan")})
