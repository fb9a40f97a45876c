from dataclasses import replace

import numpy as np
import pytest
from tests.strategies.transferability.worlds import RECIPE, coarse, rows, small_blueprint, source

from headstart.strategies.transferability import experiment as module
from headstart.strategies.transferability.experiment import Experiment, treatments
from headstart.strategies.transferability.finished import Finished
from headstart.strategies.transferability.networks import BASE, Treatment
from headstart.strategies.transferability.tasks import study_task


@pytest.fixture
def made(tmp_path):
    tasks = [study_task(rows(code, n=260, name=name), seed=0) for name, code in (("A", source), ("B", coarse))]
    return Experiment(
        blueprint=small_blueprint(), first=tasks[0], second=tasks[1], recipe=lambda n: RECIPE, seed=0,
        finished=Finished(tmp_path),
    )  # fmt: skip


@pytest.fixture
def no_training(monkeypatch):
    def refuse(*_args, **_options):
        raise AssertionError("a network is trained that was finished before")

    return lambda: monkeypatch.setattr(module, "learned", refuse)


@pytest.mark.parametrize("frozen", [True, False])
def test_where_both_tasks_are_one_transfer_is_selffer(made, frozen):
    same = replace(made, first=made.second)
    own, other = (same.run(Treatment(source, "layer2", frozen)) for source in ("B", "A"))
    assert other.reused  # it is the same network, by content
    assert np.array_equal(own.correct, other.correct)


def test_transfer_from_another_task_is_another_network(made):
    own, other = (made.run(Treatment(source, "layer2", frozen=True)) for source in ("B", "A"))
    assert not other.reused
    assert not own.reused
    assert len(own.correct) == len(made.second.test)


def test_a_second_run_trains_nothing(made, no_training):
    every = [BASE, Treatment("A", "layer1", frozen=True), Treatment("B", "layer1", frozen=False)]
    first = [made.run(one) for one in every]
    no_training()
    again = replace(made)  # nothing remembered but what is kept
    second = [again.run(one) for one in every]
    assert all(outcome.reused for outcome in second)
    assert all(np.array_equal(one.correct, other.correct) for one, other in zip(first, second, strict=True))


def test_other_seeds_recipes_and_rows_are_other_networks(made):
    made.run()
    longer = replace(RECIPE, schedule=replace(RECIPE.schedule, steps=26))
    for other in (
        replace(made, seed=1),
        replace(made, recipe=lambda n: longer),
        replace(made, second=replace(made.second, train=made.second.train[:-1])),
    ):
        assert not other.run().reused


def test_a_pretrained_backbone_can_be_a(made, tmp_path):
    pretrained = replace(made, first=None)
    outcome = pretrained.run(Treatment("A", "layer2", frozen=True))
    other_weights = replace(pretrained, blueprint=small_blueprint(seed=9))
    assert not other_weights.run(Treatment("A", "layer2", frozen=True)).reused
    assert len(outcome.correct) == len(made.second.test)


def test_four_networks_for_every_cut():
    every = treatments(("one", "two"))
    assert len(every) == len(set(every)) == 9
    assert every[0] == BASE
