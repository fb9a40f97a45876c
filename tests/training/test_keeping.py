import copy

import pytest
import torch
from torch import nn

from headstart.training.batches import Batch
from headstart.training.freezing import state_digest
from headstart.training.keeping import Keeper
from headstart.training.loop import train
from headstart.training.precision import Precision
from headstart.training.schedule import Schedule
from headstart.training.terms.cross_entropy import CrossEntropy
from headstart.training.terms.term import Term
from headstart.training.validation import Validation

FLOAT32 = Precision("float32", torch.device("cpu"))


class Height(Term):
    """The weight itself: what the validation rows lose is set by hand."""

    def __call__(self, batch, model):
        return model.weight.sum()


def kept(values, *, average=None, patience=None):
    """The keeper and the model after steps that put these values into the weight, looked at after each."""
    model = nn.Linear(1, 1, bias=False)
    watch = Validation(batches=[Batch(torch.zeros(1, 1))], objective=Height(), every=1, patience=patience)
    keeper = Keeper(model, steps=len(values), average=average, validation=watch, numbers=FLOAT32)
    looks = []
    for step, value in enumerate(values, 1):
        model.weight.data.fill_(value)
        looks.append(keeper.step_done(step))
    return keeper, model, looks


def test_it_ends_with_what_lost_least():
    keeper, model, looks = kept([3.0, 1.0, 2.0, 5.0])
    assert looks == [3.0, 1.0, 2.0, 5.0]
    keeper.finish()
    assert (model.weight.item(), keeper.best.step, model.training) == (1.0, 2, False)


def test_patience_counts_from_the_best():
    keeper, _, _ = kept([3.0, 1.0, 2.0, 5.0], patience=2)
    assert [keeper.has_enough(step) for step in (2, 3, 4)] == [False, False, True]


def test_the_average_is_looked_at_and_kept_while_training_goes_on_from_the_weights():
    keeper, model, looks = kept([4.0, 0.0], average=0.5)
    assert model.weight.item() == 0.0
    assert looks[1] == pytest.approx(looks[0] * 3 / 12)  # d_2 = (1 + 2) / (10 + 2)
    keeper.finish()
    assert model.weight.item() == pytest.approx(looks[1])


def test_a_broken_run_keeps_neither_its_average_nor_its_last_weights():
    keeper, model, _ = kept([4.0, 1.0, 1e9], average=0.9)
    keeper.give_up()
    keeper.finish()
    assert model.weight.item() < 5


def test_an_average_without_memory_is_the_plain_run(network, batches):
    twin, smooth = copy.deepcopy(network), copy.deepcopy(network)
    options = {"objective": CrossEntropy(), "schedule": Schedule(steps=30, lr=0.02)}
    plain = list(train(network, batches, **options))
    assert list(train(twin, batches, average=0.0, **options)) == plain
    assert list(train(smooth, batches, average=0.9, **options)) == plain  # it does not steer
    assert state_digest(network) == state_digest(twin)
    assert state_digest(network) != state_digest(smooth)
