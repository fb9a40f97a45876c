"""What is asked for is checked before anything is computed."""

from __future__ import annotations

import pytest

from headstart.errors import DataError, UnknownName
from headstart.strategies.tuning.names import STRATEGIES
from headstart.strategies.tuning.recipe import TuningRecipe
from headstart.strategies.tuning.request import Request


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_strategy_says_what_it_does(strategy) -> None:
    request = Request(strategy=strategy)
    assert request.transfers == (strategy in ("auto", "frozen", "finetune"))
    assert request.tunes == (strategy == "finetune")


def test_a_budget_lets_auto_tune() -> None:
    assert Request(budget=60.0).tunes


def test_what_was_asked_for_takes_the_place_of_the_recipe() -> None:
    request = Request(strategy="finetune", move="all", epochs=3, recipe=TuningRecipe(move="head", lr=0.5, epochs=9))
    recipe = request.recipe_for("image")
    assert (recipe.move, recipe.epochs, recipe.lr) == ("all", 3, 0.5)
    assert Request(strategy="finetune", recipe=TuningRecipe(epochs=9)).recipe_for("text").epochs == 9


def test_nothing_is_tried_beside_what_was_asked_for() -> None:
    assert [rival.move for rival in Request(strategy="finetune").rivals_for("text", 1000)] == ["all"]
    assert Request(strategy="finetune", epochs=3).rivals_for("text", 1000)[0].epochs == 3
    assert Request(strategy="finetune", move="last2").rivals_for("text", 1000) == ()
    assert Request(strategy="finetune", recipe=TuningRecipe()).rivals_for("text", 1000) == ()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"strategy": "frozen", "move": "all"}, "no effect"),
        ({"epochs": 3}, "give a budget"),
        ({"budget": 0.0}, "above 0"),
        ({"strategy": "finetune", "epochs": 0}, "at least 1"),
    ],
)
def test_contradictions_are_refused(wrong, message) -> None:
    with pytest.raises(DataError, match=message):
        Request(**wrong)


def test_an_unknown_strategy_offers_the_nearest() -> None:
    with pytest.raises(UnknownName, match="Did you mean 'finetune'"):
        Request(strategy="fintune")
