import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from headstart.errors import DataError, UnknownName
from headstart.training.batches import Batch, Batches, epoch_order, in_order
from headstart.training.processes import Share


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


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 300), st.integers(1, 20), st.integers(0, 3), st.integers(0, 3))
def test_rows_of_like_cost_go_together_and_each_still_comes_once(n, size, seed, epoch):
    costs = np.random.default_rng(seed).integers(1, 100, n)

    def parts(costs):
        batches = Batches(torch.arange(n), {}, size=size, seed=seed, costs=costs)
        return [batches.rows(epoch * batches.per_epoch + position) for position in range(batches.per_epoch)]

    grouped = parts(costs)
    assert sorted(np.concatenate(grouped)) == list(range(n))
    lengths = [len(part) for part in grouped]
    assert max(lengths) <= size and max(lengths) - min(lengths) <= 1
    assert all(np.array_equal(one, other) for one, other in zip(grouped, parts(costs), strict=True))


def test_batches_of_like_cost_are_padded_less_and_come_in_no_order_of_cost():
    costs = np.random.default_rng(0).integers(1, 100, 400)
    padded = {}
    for known in (None, costs):
        batches = Batches(torch.arange(400), {}, size=10, costs=known)
        longest = [costs[batches.rows(step)].max() for step in range(batches.per_epoch)]
        padded[known is None] = sum(longest)
    assert padded[False] < 0.7 * padded[True]
    assert longest != sorted(longest)
    with pytest.raises(DataError, match="3 inputs but 2 costs"):
        Batches(torch.zeros(3, 1), {}, size=2, costs=np.ones(2))


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


class TwoLayers(nn.Module):
    """A ReLU that writes over what the layer before it gave; counts its passes."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.last, self.passes = nn.Linear(2, 4), nn.Linear(4, 3), 0

    def forward(self, x):
        self.passes += 1
        return self.last(torch.relu_(self.first(x)))


def test_inner_layers_are_heard_in_the_same_pass_as_they_were_before_anything_wrote_over_them():
    model, inputs = TwoLayers(), torch.randn(5, 2)
    batch = Batch(inputs, layers=("first",))
    output, inner = batch.through(model), batch.at(model, "first")
    assert model.passes == 1
    assert torch.equal(inner, model.first(inputs))
    assert torch.equal(output, model.last(model.first(inputs).relu()))
    inner.sum().backward()
    assert torch.allclose(model.first.bias.grad, torch.full((4,), 5.0))


def test_a_layer_that_does_not_exist_is_named_with_the_nearest():
    with pytest.raises(UnknownName, match=r"Unknown layer 'frist'\. Did you mean 'first'"):
        Batch(torch.randn(2, 2), layers=("frist",)).through(TwoLayers())


def test_a_layer_that_nobody_announced_costs_a_pass_and_is_the_same():
    model, inputs = TwoLayers(), torch.randn(5, 2)
    batch = Batch(inputs)
    batch.through(model)
    assert torch.equal(batch.at(model, "first"), model.first(inputs))
    assert torch.equal(batch.at(model, "first"), batch.at(model, "first"))
    assert model.passes == 2
    assert not model.first._forward_hooks


def test_inputs_of_several_tensors():
    tokens = {"ids": torch.arange(20).reshape(10, 2), "mask": torch.ones(10, 2)}
    batches = Batches(tokens, {"labels": torch.arange(10)}, size=4)
    batch = batches(0)
    assert torch.equal(batch.inputs["ids"][:, 0] // 2, batch["labels"])
    assert torch.equal(batch.rows, batch["labels"])
    assert [len(part) for part in in_order(tokens, {}, size=4)] == [4, 4, 2]
    assert torch.equal(in_order(tokens, {}, size=4)[2].inputs["ids"], tokens["ids"][8:])


@settings(max_examples=20, deadline=None)
@given(st.integers(8, 60), st.integers(4, 12), st.integers(1, 3), st.integers(0, 9))
def test_the_shares_of_all_processes_are_the_whole_batch(n, size, count, step):
    whole = batches_of(n, size)
    shared = [Batches(torch.arange(n), {}, size=size, share=Share(rank, count))(step) for rank in range(count)]
    assert sorted(torch.cat([batch.rows for batch in shared]).tolist()) == sorted(whole.rows(step))
    assert {batch.of for batch in shared} == {len(whole.rows(step))}


def test_mixing_comes_after_augmentation_and_depends_on_the_step_only():
    def mix(batch, generator):
        return Batch(batch.inputs + torch.rand(1, generator=generator), batch.columns)

    def fresh(mix):
        return Batches(torch.zeros(10, 2), {}, size=5, augment=lambda inputs, _: inputs + 10, mix=mix)

    assert (fresh(mix)(3).inputs > 10).all()
    assert torch.equal(fresh(mix)(3).inputs, fresh(mix)(3).inputs)
    assert not torch.equal(fresh(mix)(3).inputs, fresh(mix)(4).inputs)


def test_labels_outside_the_classes_and_batches_too_small_to_share_are_refused():
    labels = torch.tensor([0, 2, -1, 7, -3, 7])
    with pytest.raises(DataError, match=r"3 of 6 labels lie outside the 3 classes: -3, 7; labels are 0 to 2, or -1"):
        Batches(torch.zeros(6, 1), {"labels": labels}, size=2, n_classes=3)
    Batches(torch.zeros(3, 1), {"labels": labels[:3]}, size=2, n_classes=3)
    with pytest.raises(DataError, match="batches of 1 rows cannot be shared by 2 processes"):
        Batches(torch.zeros(3, 1), {}, size=2, share=Share(0, 2))
