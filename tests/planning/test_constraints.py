"""Limits of a plan: the budget, and those that bind rankings too."""

from __future__ import annotations

import pytest

from headstart.errors import DataError, PlanError
from headstart.planning.constraints import Constraints
from headstart.selection.limits import Limits

FITS = {"seconds": 10.0, "latency": 0.01, "parameters": 1000, "license": "Apache-2.0"}


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ({}, ""),
        ({"budget": 9.0}, "budget is 9 s"),
        ({"latency": 0.005}, "10.0 ms a sample"),
        ({"max_params": 999}, "1,000 weights, the limit is 999"),
        ({"license": ("mit",)}, "'Apache-2.0' matches none"),
        ({"license": ("mit", "apache")}, ""),
        ({"budget": 10.0, "latency": 0.01, "max_params": 1000}, ""),
    ],
)
def test_the_broken_limit_is_named(limits: dict[str, object], said: str) -> None:
    refusal = Constraints(**limits).refusal(**FITS)
    assert (said in refusal) if said else refusal == ""


def test_what_has_no_weights_needs_no_licence() -> None:
    assert Constraints(license=("mit",)).refusal(seconds=0, latency=0, parameters=0, license="none") == ""


def test_nonsense_is_refused_where_it_is_written() -> None:
    with pytest.raises(PlanError, match="budget=0"):
        Constraints(budget=0.0)
    with pytest.raises(DataError, match="latency=-1"):
        Constraints(latency=-1.0)


def test_it_says_what_a_ranking_would_say() -> None:
    limits = Constraints(latency=0.005, max_params=999, license=("mit",)).limits
    assert limits == Limits(latency=0.005, params=999, licenses=("mit",))
