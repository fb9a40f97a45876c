import itertools

import pytest
import torch
from torch import nn

from headstart.errors import TrainingError
from headstart.training.batches import Batch, in_order
from headstart.training.checkpoint import Checkpoint
from headstart.training.loop import train
from headstart.training.schedule import Schedule
from headstart.training.soup import greedy_soup, mean
from headstart.training.terms.cross_entropy import CrossEntropy
from headstart.training.terms.term import Term
from headstart.training.validation import Validation


class ToNothing(Term):
    """|weight|²: the mean of weights that lie around nothing is better than each of them."""

    def __call__(self, batch, model):
        return model.weight.square().sum()


NOTHING = Validation(batches=[Batch(torch.zeros(1, 1))], objective=ToNothing())


def weights(*values):
    return {"weight": torch.tensor([values])}


def test_it_takes_what_helps_and_leaves_what_does_not():
    model = nn.Linear(2, 1, bias=False)
    soup = greedy_soup(model, [weights(1.0, 0.0), weights(-0.9, 0.0), weights(9.0, 9.0), weights(0.0, 0.8)], NOTHING)
    assert 2 not in soup.ingredients
    assert soup.loss <= min(soup.alone)
    assert NOTHING.loss(model) == pytest.approx(soup.loss)
    assert "mean of" in str(soup)


def test_agrees_with_the_recipe_written_out_again():
    random = torch.Generator().manual_seed(0)
    ingredients = [{"weight": torch.randn(1, 4, generator=random)} for _ in range(7)]
    model = nn.Linear(4, 1, bias=False)
    soup = greedy_soup(model, ingredients, NOTHING)

    def loss(chosen):
        return sum(ingredients[place]["weight"] for place in chosen).div(len(chosen)).square().sum().item()

    kept = []
    for place in sorted(range(7), key=lambda place: loss([place])):
        if not kept or loss([*kept, place]) <= loss(kept):
            kept.append(place)
    assert soup.ingredients == tuple(sorted(kept))
    assert soup.loss == pytest.approx(loss(kept), rel=1e-5)


def test_the_mean_is_a_mean_and_counters_are_copied():
    states = [{"w": torch.full((2,), float(value)), "n": torch.tensor(value)} for value in (1, 2, 6)]
    assert mean(states)["w"].tolist() == [3.0, 3.0]
    assert mean(states)["n"] == 1
    for order in itertools.permutations(states):
        assert torch.equal(mean(order)["w"], mean(states)["w"])


def test_a_soup_of_the_last_checkpoints(network, batches, tmp_path):
    checkpoint = Checkpoint(tmp_path, run="r", every=10, keep=5)
    for _ in train(
        network, batches, objective=CrossEntropy(), schedule=Schedule(steps=80, lr=0.05), checkpoint=checkpoint
    ):
        pass
    ingredients = checkpoint.weights(last=4)
    assert len(ingredients) == 4
    assert torch.equal(ingredients[0]["0.weight"], network[0].weight)
    validation = Validation(batches=in_order(batches.inputs, batches.columns, size=50))
    soup = greedy_soup(network, ingredients, validation)
    assert validation.loss(network) == pytest.approx(soup.loss)
    assert soup.loss <= min(soup.alone)


def test_misuse():
    with pytest.raises(TrainingError, match="no weights to mix"):
        greedy_soup(nn.Linear(1, 1), [], NOTHING)
