import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from headstart.errors import DataError
from headstart.training.batches import Batch, Batches, epoch_order


def batches_of(n: int, size: int, seed: int = 0) -> Batches:
    return Batches(torch.arange(n), {"labels": torch.arange(n)}, size=size, seed=seed)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 80), st.integers(1, 40), st.integers(0, 5), st.integers(0, 3))
def test_every_epoch_shows_every_row_once_in_nearly_equal_batches(n, size, seed, epoch):
    batches = batches_of(n, size, seed)
    parts = [batches.rows(epoch * batches.per_epoch + position) for position in range(batches.per_epoch)]
    assert sorted(np.concatenate(parts)) == list(range(n))
    lengths = [len(part) for part in parts]
    assert max(lengths) <= size
    assert max(lengths) - min(lengths) <= 1


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 60), min_size=1, max_size=12))
def test_a_batch_does_not_depend_on_which_were_asked_for_before(steps):
    used = batches_of(37, 8, seed=4)
    for step in steps:
        assert np.array_equal(used.rows(step), batches_of(37, 8, seed=4).rows(step))


def test_epochs_and_seeds_differ():
    orders = {tuple(epoch_order(30, seed=seed, epoch=epoch)) for seed in range(3) for epoch in range(3)}
    assert len(orders) == 9


def test_columns_stay_beside_their_inputs():
    batch = batches_of(20, 6)(2)
    assert torch.equal(batch.inputs, batch["labels"])


def test_augmentation_depends_on_the_step_only():
    def noisy(inputs, generator):
        return inputs + torch.rand(inputs.shape, generator=generator)

    def fresh():
        return Batches(torch.zeros(10, 2), {}, size=10, seed=1, augment=noisy)

    used = fresh()
    first = used(0).inputs
    assert torch.equal(used(5).inputs, fresh()(5).inputs)
    assert torch.equal(used(0).inputs, first)
    assert not torch.equal(used(0).inputs, used(1).inputs)


def test_the_model_runs_once_per_batch_however_many_terms_ask():
    calls = []

    class Counting(nn.Module):
        def forward(self, x):
            calls.append(1)
            return x

    batch, model = Batch(torch.ones(2)), Counting()
    assert batch.through(model) is batch.through(model)
    assert len(calls) == 1


def test_no_rows_and_unequal_columns_are_refused():
    with pytest.raises(DataError, match="no rows"):
        batches_of(0, 4)
    with pytest.raises(DataError, match="3 inputs but 2 labels"):
        Batches(torch.zeros(3, 1), {"labels": torch.zeros(2)}, size=2)
