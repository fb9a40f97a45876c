"""Who stands alone with its new answers, and who is in company."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.adaptation import ADAPTERS
from headstart.adaptation.company import KINDS, company

NAMES = ("none", "coral", "linear_map", "tca", "manifold", "propagation", "nearest")


def test_it_counts_changed_rows_only_and_each_kind_once() -> None:
    none = np.zeros(10, int)
    one = np.where(np.arange(10) < 4, 1, 0)
    half = np.where(np.arange(10) < 2, 1, 0)
    found = company({"none": none, "tca": one, "coral": one, "linear_map": none, "manifold": half, "nearest": none})
    assert found["tca"] == pytest.approx(np.mean([0, 0, -1]))  # coral and linear_map: 1 and -1, one kind
    assert found["coral"] == pytest.approx(np.mean([1, 0, -1]))  # tca, manifold, nearest; not linear_map
    assert found["manifold"] == pytest.approx(np.mean([1, 0, -1]))
    assert found["nearest"] == 0


def test_a_third_answer_is_neither() -> None:
    none, mine, other = np.zeros(4, int), np.ones(4, int), np.full(4, 2)
    assert company({"none": none, "tca": mine, "coral": other, "manifold": other, "nearest": other})["tca"] == 0


@given(st.integers(0, 999), st.integers(2, 5), st.integers(1, 40))
def test_bounds_and_the_names_of_classes(seed: int, n_classes: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    answers = {name: rng.integers(0, n_classes, n) for name in NAMES}
    found = company(answers)
    assert set(found) == set(NAMES[1:])
    assert all(value is not None and -1 <= value <= 1 for value in found.values())
    others, rows = rng.permutation(n_classes), rng.permutation(n)
    assert company({name: others[codes][rows] for name, codes in answers.items()}) == pytest.approx(found)


def test_too_few_kinds_say_nothing() -> None:
    codes = np.arange(5) % 2
    asked = {"none": codes, "coral": 1 - codes, "linear_map": codes, "tca": codes, "jda": codes}
    assert company(asked)["tca"] is None  # moments and classes
    assert company(asked)["coral"] is None
    assert company(asked | {"nearest": codes})["coral"] == -1
    assert company({"none": codes}) == {}


def test_kinds_name_methods() -> None:
    assert set(KINDS) <= set(ADAPTERS)
