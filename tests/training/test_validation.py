import copy
import math

import pytest
import torch
from torch import nn

from headstart.errors import DataError
from headstart.training.batches import Batch, in_order
from headstart.training.freezing import state_digest
from headstart.training.loop import train
from headstart.training.schedule import Schedule
from headstart.training.terms.cross_entropy import CrossEntropy
from headstart.training.validation import Validation


def rows(n=23, seed=7):
    inputs = torch.randn(n, 6, generator=torch.Generator().manual_seed(seed))
    return inputs, {"labels": inputs[:, :3].argmax(dim=1)}


def watched(**options):
    inputs, columns = rows()
    return Validation(batches=in_order(inputs, columns, size=10), **options)


def test_the_loss_is_the_mean_over_all_rows_whatever_the_batches(network):
    inputs, columns = rows()
    network.eval()
    whole = nn.functional.cross_entropy(network(inputs), columns["labels"]).item()
    for size in (1, 10, 23, 99):
        loss = Validation(batches=in_order(inputs, columns, size=size)).loss(network)
        assert loss == pytest.approx(whole, rel=1e-5)
    assert watched().loss(network) == watched().loss(network)  # outputs of an earlier look are not taken for new ones


def test_looking_changes_nothing(network):
    before = state_digest(network)
    random = torch.get_rng_state()
    watched().loss(network.train())
    assert state_digest(network) == before
    assert torch.equal(torch.get_rng_state(), random)


def test_training_ends_with_the_weights_that_lost_least(network, batches):
    twin, validation = copy.deepcopy(network), watched(every=5, patience=None)
    options = {"objective": CrossEntropy(), "schedule": Schedule(steps=60, lr=0.05)}
    steps = list(train(network, batches, validation=validation, **options))
    looks = {step.number: step.validation for step in steps if step.validation is not None}
    assert list(looks) == list(range(5, 61, 5))
    assert watched().loss(network) == pytest.approx(min(looks.values()), rel=1e-6)
    best = min(looks, key=looks.get)
    for step in train(twin, batches, **options):
        if step.number == best:
            break
    assert state_digest(twin) == state_digest(network)


def test_it_stops_when_patience_is_over(network, batches):
    """Validation labels are noise: the lowest loss comes early, and patience ends soon after it."""
    inputs, _ = rows(40)
    noise = {"labels": torch.randint(3, (40,), generator=torch.Generator().manual_seed(0))}
    validation = Validation(batches=in_order(inputs, noise, size=40), every=4, patience=3)
    schedule = Schedule(steps=2000, lr=0.05)
    steps = list(train(network, batches, objective=CrossEntropy(), schedule=schedule, validation=validation))
    losses = [step.validation for step in steps if step.validation is not None]
    assert len(steps) < 500
    assert len(losses) - 1 - losses.index(min(losses)) == 3


def test_what_is_watched_is_the_average(network, batches):
    validation = watched(every=10, patience=None)
    schedule = Schedule(steps=30, lr=0.05)
    steps = list(
        train(network, batches, objective=CrossEntropy(), schedule=schedule, validation=validation, average=0.9)
    )
    looks = [step.validation for step in steps if step.validation is not None]
    assert watched().loss(network) == pytest.approx(min(looks), rel=1e-6)


def test_an_early_stop_by_the_caller_keeps_the_trained_weights_not_the_first(network, batches):
    before = state_digest(network)
    running = train(
        network, batches, objective=CrossEntropy(), schedule=Schedule(steps=60), validation=watched(every=50)
    )
    for step in running:
        if step.number == 10:
            break
    running.close()
    assert state_digest(network) != before


def test_misuse(network, batches):
    with pytest.raises(DataError, match="the validation split is empty"):
        Validation(batches=in_order(torch.zeros(0, 6), {"labels": torch.zeros(0)}, size=4))
    with pytest.raises(ValueError, match="patience"):
        watched(patience=0)
    with pytest.raises(DataError, match="CrossEntropy needs labels"):
        unlabelled = Validation(batches=[Batch(torch.zeros(2, 6))])
        next(train(network, batches, objective=CrossEntropy(), schedule=Schedule(), validation=unlabelled))


def test_a_validation_loss_that_is_no_number_is_never_the_best(network, batches):
    inputs, columns = rows()
    inputs[0, 0] = math.nan
    validation = Validation(batches=in_order(inputs, columns, size=10), every=5, patience=2)
    steps = list(train(network, batches, objective=CrossEntropy(), schedule=Schedule(steps=50), validation=validation))
    assert len(steps) == 10
    assert all(torch.isfinite(tensor).all() for tensor in network.state_dict().values())
