"""Reading a dataclass from JSON, to the letter."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pytest

from headstart.errors import PlanError
from headstart.planning.strict import read_fields


@dataclass(frozen=True)
class Inner:
    value: float


@dataclass(frozen=True)
class Outer:
    name: str
    kind: Literal["a", "b"]
    number: int
    inner: Inner | None
    many: tuple[Inner, ...]
    words: Mapping[str, Any]
    share: float = 0.5


GOOD = {"name": "x", "kind": "a", "number": 3, "inner": {"value": 1}, "many": [{"value": None}], "words": {"k": 1}}


def test_what_is_right_is_read() -> None:
    found = read_fields(Outer, GOOD, where="plan")
    assert found.inner == Inner(1.0)
    assert math.isnan(found.many[0].value), "JSON has no NaN"
    assert found.share == 0.5
    assert read_fields(Outer, {**GOOD, "inner": None}, where="plan").inner is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"nmae": 1}, "plan: Unknown key 'nmae'. Did you mean 'name'?"),
        ({"inner": {"value": 1, "more": 2}}, "plan.inner: Unknown key 'more'"),
        ({"many": [{"value": "high"}]}, r"plan.many\[0\].value is 'high', and should be a number"),
        ({"many": {}}, "plan.many is {}, and should be a list"),
        ({"kind": "c"}, "plan.kind is 'c'; known: a, b"),
        ({"number": 1.5}, "plan.number is 1.5, and should be a whole number"),
        ({"number": True}, "plan.number is True"),
        ({"name": None}, "plan.name is None, and should be a text"),
        ({"inner": 3}, "plan.inner is 3, and should be an object"),
        ({"words": []}, "plan.words is"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(change: dict[str, object], said: str) -> None:
    with pytest.raises(PlanError, match=said):
        read_fields(Outer, {**GOOD, **change}, where="plan")


def test_what_is_missing_is_named() -> None:
    with pytest.raises(PlanError, match="plan lacks kind, number"):
        read_fields(Outer, {"name": "x", "inner": None, "many": [], "words": {}}, where="plan")
