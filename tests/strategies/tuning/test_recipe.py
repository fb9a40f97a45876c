"""A recipe survives being written, and refuses what it does not know."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from headstart.errors import ModelError, UnknownName
from headstart.strategies.tuning.recipe import (
    FILE,
    TuningRecipe,
    default_recipe,
    default_rivals,
    from_nothing,
    read_recipe,
)


def test_written_and_read_it_is_the_same(tmp_path) -> None:
    recipe = replace(default_recipe("image"), move="layer3", epochs=7, lr=1e-4, batch_norm="train")
    (tmp_path / FILE).write_text(json.dumps(recipe.to_json()))
    assert read_recipe(tmp_path) == recipe == read_recipe(tmp_path / FILE)


@pytest.mark.parametrize("recipe", [TuningRecipe(), TuningRecipe(epochs=5)])
@pytest.mark.parametrize("n", [1, 50, 3000])
def test_rounds_end_where_the_looks_are_and_the_last_with_the_run(recipe, n) -> None:
    every, whole = recipe.steps_per_round(n), recipe.steps(n)
    assert recipe.steps_until(n, 0) == 0 and recipe.steps_until(n, 2) == 2 * every
    assert recipe.steps_until(n, -(-whole // every)) == recipe.steps_until(n, 999) == whole
    assert recipe.steps_until(n, None) == whole


@pytest.mark.parametrize("change", [{"format": 99}, {"colour": "red"}, {"lr": -1.0}, {"lr": "fast"}])
def test_a_foreign_recipe_is_refused(tmp_path, change) -> None:
    (tmp_path / FILE).write_text(json.dumps({**TuningRecipe().to_json(), **change}))
    with pytest.raises(ModelError, match="recipe"):
        read_recipe(tmp_path)


def test_a_part_that_does_not_exist_is_named_with_the_nearest(tmp_path) -> None:
    (tmp_path / FILE).write_text(json.dumps({"format": 1, "epoch": 2}))
    with pytest.raises(ModelError, match=r"'epoch'\. Did you mean 'epochs'"):
        read_recipe(tmp_path)


@pytest.mark.parametrize("content", [None, "no JSON", "[1]"])
def test_no_recipe_is_an_error_that_says_where_one_is(tmp_path, content) -> None:
    if content is not None:
        (tmp_path / FILE).write_text(content)
    with pytest.raises(ModelError, match="recipe"):
        read_recipe(tmp_path)


def test_steps_count_epochs_where_they_are_given() -> None:
    recipe = TuningRecipe(batch_size=10, epochs=3)
    assert recipe.steps(25) == 9 and recipe.steps_per_round(25) == 3
    unsaid = TuningRecipe(batch_size=32)
    assert unsaid.steps(4) == unsaid.steps(40) and unsaid.steps(10**6) >= unsaid.steps(1000) > unsaid.steps(40)


def test_passes_count_where_no_epochs_are_given_and_are_written_where_they_are_others() -> None:
    fewer = TuningRecipe(batch_size=10, passes=4)
    assert fewer.steps(200) == 80 < TuningRecipe(batch_size=10).steps(200)
    assert replace(fewer, epochs=3).steps(200) == 60
    assert fewer.to_json()["passes"] == 4 and TuningRecipe.from_json(fewer.to_json()) == fewer
    assert "passes" not in TuningRecipe().to_json()


def test_many_texts_deserve_a_trial_of_moving_everything_at_a_gentler_rate() -> None:
    (rival,) = default_rivals("text", 1000)
    usual = default_recipe("text")
    assert rival.move == "all" and rival.lr < usual.lr and rival.steps(1000) < usual.steps(1000)
    assert default_rivals("text", 20) == default_rivals("image", 1000) == ()


def test_from_nothing_moves_everything_and_keeps_the_length() -> None:
    recipe = TuningRecipe(move="last2", epochs=5)
    scratch = from_nothing(recipe)
    assert (scratch.move, scratch.batch_norm) == ("all", "train")
    assert (scratch.epochs, scratch.batch_size, scratch.views) == (recipe.epochs, recipe.batch_size, recipe.views)


def test_from_nothing_holds_to_nothing_and_mixes_as_before() -> None:
    recipe = TuningRecipe(
        regulariser="l2sp", wise=0.5, unfreeze=0.5, rates="relative", batch_norm="train", stochastic_norm=0.5, mixup=0.2
    )
    assert from_nothing(recipe).additions() == {"mixup": 0.2}
    assert (from_nothing(recipe).regulariser, from_nothing(recipe).wise) == ("none", 1.0)


@pytest.mark.parametrize("wrong", [{"epochs": 0}, {"views": 0}, {"passes": 0}, {"decay": 0.0}, {"lr": float("nan")}])
def test_impossible_numbers_are_refused(wrong) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        TuningRecipe(**wrong)
    with pytest.raises(UnknownName):
        TuningRecipe(batch_norm="warm")
