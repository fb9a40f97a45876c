import copy

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from headstart.errors import DataError
from headstart.training.batches import Batch, Batches
from headstart.training.freezing import state_digest
from headstart.training.loop import train
from headstart.training.mixing import Mixing, soft
from headstart.training.schedule import Schedule
from headstart.training.terms.cross_entropy import CrossEntropy


def pictures(n=6, classes=3, unlabelled=()):
    """Picture i is all i, so that every pixel says where it comes from."""
    inputs = torch.arange(n).float().view(n, 1, 1, 1).expand(n, 2, 8, 10).clone()
    labels = torch.arange(n) % classes
    labels[list(unlabelled)] = -1
    return Batch(inputs, {"labels": labels})


def random(seed):
    return torch.Generator().manual_seed(seed)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1000))
def test_mixup_mixes_inputs_and_labels_in_one_proportion(seed):
    """Picture i holds i, and label i is one-hot: inputs @ nothing but the mixed labels must give the mixed pictures."""
    n = 6
    batch = Batch(torch.arange(n).float()[:, None], {"labels": torch.arange(n)})
    mixed = Mixing(n_classes=n, mixup=0.4)(batch, random(seed))
    assert torch.allclose(mixed["labels"].sum(dim=1), torch.ones(n))
    assert torch.allclose(mixed["labels"] @ torch.arange(n).float(), mixed.inputs[:, 0], atol=1e-5)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1000))
def test_cutmix_labels_count_the_pixels(seed):
    n = 6
    batch = Batch(pictures(n).inputs, {"labels": torch.arange(n)})
    mixed = Mixing(n_classes=n, cutmix=1.0)(batch, random(seed))
    for row in range(n):
        for code in range(n):
            share = (mixed.inputs[row] == code).double().mean()
            assert float(mixed["labels"][row, code]) == pytest.approx(float(share), abs=1e-6)


def test_the_proportion_is_drawn_from_beta():
    """Over many batches, max(λ, 1-λ) of Beta(α, α) has the mean that scipy's distribution has."""
    from scipy.stats import beta

    batch = Batch(torch.randn(8, 2), {"labels": torch.arange(8)})
    mixing = Mixing(n_classes=8, mixup=0.5)
    largest = [mixing(batch, random(seed))["labels"].max(dim=1).values.median().item() for seed in range(300)]
    expected = beta(0.5, 0.5).expect(lambda share: max(share, 1 - share))
    assert np.mean(largest) == pytest.approx(expected, abs=0.03)


def test_a_row_that_meets_an_unlabelled_one_teaches_nothing():
    mixed = Mixing(n_classes=3, mixup=1.0)(pictures(unlabelled=[2]), random(0))
    mass = mixed["labels"].sum(dim=1)
    assert mass[2] == 0
    assert 1 <= (mass == 0).sum() <= 2
    assert torch.allclose(mass[mass > 0], torch.ones(1))


def test_soft_labels():
    assert soft(torch.tensor([1, -1]), 3).tolist() == [[0, 1, 0], [0, 0, 0]]
    already = torch.rand(2, 3)
    assert soft(already, 3) is already


def test_neither_changes_nothing_and_the_given_batch_is_left_alone():
    batch = pictures()
    assert Mixing(n_classes=3)(batch, random(0)) is batch
    before = batch.inputs.clone()
    Mixing(n_classes=3, cutmix=1.0)(batch, random(1))
    assert torch.equal(batch.inputs, before)


def test_training_with_mixed_rows_learns_and_is_the_same_again(network):
    inputs = torch.randn(60, 6, generator=random(1))
    columns = {"labels": inputs[:, :3].argmax(dim=1)}
    batches = Batches(inputs, columns, size=20, mix=Mixing(n_classes=3, mixup=0.2))
    twin = copy.deepcopy(network)
    for model in (network, twin):
        for _ in train(model, batches, objective=CrossEntropy(smoothing=0.1), schedule=Schedule(steps=150, lr=0.02)):
            pass
    assert state_digest(network) == state_digest(twin)
    assert (network(inputs).argmax(1) == columns["labels"]).double().mean() > 0.8


def test_soft_cross_entropy_of_unmixed_labels_is_the_hard_one():
    logits, labels = torch.randn(9, 4, generator=random(0)), torch.tensor([0, 1, 2, 3, -1, 0, 1, -1, 2])
    for term in (CrossEntropy(), CrossEntropy(smoothing=0.2, class_weights=(0.5, 2.0, 1.0, 3.0))):
        hard = term(Batch(logits, {"labels": labels}), nn.Identity())
        as_rows = term(Batch(logits, {"labels": soft(labels, 4)}), nn.Identity())
        assert torch.allclose(hard, as_rows)


def test_misuse():
    with pytest.raises(ValueError, match="mixup"):
        Mixing(n_classes=3, mixup=-1)
    with pytest.raises(DataError, match="token ids cannot"):
        Mixing(n_classes=3, mixup=0.2)(Batch(torch.ones(4, 3).long(), {"labels": torch.arange(4)}), random(0))
    with pytest.raises(DataError, match="CutMix needs pictures"):
        Mixing(n_classes=3, cutmix=1.0)(Batch(torch.ones(4, 3), {"labels": torch.arange(4) % 3}), random(0))
