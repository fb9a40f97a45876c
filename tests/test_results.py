"""Results print the way tables do, and turn into JSON without loss of anything JSON can hold."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.results import Interval, Score, fraction, to_plain


@given(st.floats(-1, 1), st.integers(1, 6))
def test_a_printed_fraction_is_the_rounded_number(value: float, digits: int) -> None:
    assert float(fraction(value, digits)) == round(value, digits)


@pytest.mark.parametrize(
    ("value", "text"), [(0.5, ".500"), (-0.5, "-.500"), (1.0, "1.000"), (-1.0, "-1.000"), (0.0, ".000")]
)
def test_fractions_have_no_leading_zero(value: float, text: str) -> None:
    assert fraction(value) == text


@pytest.mark.parametrize(
    ("low", "high", "clear"), [(0.1, 0.2, True), (-0.2, -0.1, True), (-0.1, 0.1, False), (0, 1, False)]
)
def test_an_interval_knows_whether_nothing_is_possible(low: float, high: float, clear: bool) -> None:
    assert Interval((low + high) / 2, low, high).excludes_zero == clear


def test_a_score_prints_its_interval() -> None:
    assert str(Score(0.9, 0.01, 100, Interval(0.9, 0.82, 0.95))) == ".900 [.820, .950]"


@dataclass(frozen=True)
class Outer:
    inner: tuple[Interval, ...]
    place: Path
    counts: dict[int, np.int64]


def test_everything_becomes_json() -> None:
    value = Outer((Interval(0.5, math.nan, math.inf),), Path("a/b"), {3: np.int64(4)})
    plain = to_plain(value)
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    assert plain == {
        "inner": [{"value": 0.5, "low": None, "high": None, "level": 0.95}], "place": "a/b", "counts": {"3": 4},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (np.array([[1.0, math.nan]]), [[1.0, None]]),
        (np.float32(0.5), 0.5),
        (np.bool_(True), True),
        ({1, 2}, [1, 2]),
        ((), []),
        (None, None),
        ("text", "text"),
    ],
)
def test_values_of_numpy_and_collections(value: object, plain: object) -> None:
    assert to_plain(value) == plain
