import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from headstart.errors import DataError
from headstart.training.batches import Batch
from headstart.training.terms.cross_entropy import CrossEntropy, balanced_weights


def by_hand(logits, labels, smoothing, weights):
    """-Σ w_y … over labelled rows, in numpy and double precision."""
    n_classes = logits.shape[1]
    logp = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    total = mass = 0.0
    for row, label in zip(logp, labels, strict=True):
        if label >= 0:
            target = np.full(n_classes, smoothing / n_classes)
            target[label] += 1 - smoothing
            total -= (target * weights * row).sum()
            mass += weights[label]
    return total / mass


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 9), st.integers(2, 6), st.floats(0, 0.9))
def test_agrees_with_the_formula(seed, n, n_classes, smoothing):
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(n, n_classes))
    labels = rng.integers(-1, n_classes, size=n)
    labels[0] = 0
    weights = rng.uniform(0.5, 2, size=n_classes)
    term = CrossEntropy(smoothing=smoothing, class_weights=tuple(weights))
    value = term(Batch(torch.from_numpy(logits), {"labels": torch.from_numpy(labels)}), nn.Identity())
    assert float(value) == pytest.approx(by_hand(logits, labels, smoothing, weights))


def test_a_batch_without_labels_teaches_nothing():
    logits = torch.randn(4, 3, requires_grad=True)
    loss = CrossEntropy()(Batch(logits, {"labels": torch.full((4,), -1)}), nn.Identity())
    loss.backward()
    assert loss.item() == 0
    assert torch.equal(logits.grad, torch.zeros(4, 3))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(-1, 4), min_size=1, max_size=40).filter(lambda labels: max(labels) >= 0))
def test_balanced_weights_give_present_classes_the_same_say(labels):
    labels = np.array(labels)
    weights = np.array(balanced_weights(labels, 5))
    known = labels[labels >= 0]
    says = np.bincount(known, minlength=5) * weights
    assert says[says > 0] == pytest.approx(len(known) / len(np.unique(known)))
    assert weights[known].mean() == pytest.approx(1)


def test_misuse():
    with pytest.raises(ValueError, match="smoothing"):
        CrossEntropy(smoothing=1.0)
    with pytest.raises(DataError, match="CrossEntropy needs labels"):
        CrossEntropy().check(Batch(torch.zeros(2, 2)))
    with pytest.raises(DataError, match="3 class weights were given for 2 classes"):
        CrossEntropy(class_weights=[1, 1, 1])(
            Batch(torch.zeros(2, 2), {"labels": torch.zeros(2).long()}), nn.Identity()
        )


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.floats(0, 0.9))
def test_rows_of_weights_agree_with_pytorch(seed, smoothing):
    """torch divides by the number of rows; with rows that sum to 1 and equal class weights that is the same mean."""
    rng = torch.Generator().manual_seed(seed)
    logits = torch.randn(7, 4, generator=rng, dtype=torch.float64)
    labels = torch.softmax(torch.randn(7, 4, generator=rng, dtype=torch.float64), dim=1)
    ours = CrossEntropy(smoothing=smoothing)(Batch(logits, {"labels": labels}), nn.Identity())
    theirs = nn.functional.cross_entropy(logits, labels, label_smoothing=smoothing)
    assert float(ours) == pytest.approx(float(theirs))


def test_a_batch_of_rows_that_say_nothing_teaches_nothing():
    logits = torch.randn(4, 3, requires_grad=True)
    CrossEntropy()(Batch(logits, {"labels": torch.zeros(4, 3)}), nn.Identity()).backward()
    assert torch.equal(logits.grad, torch.zeros(4, 3))


def test_labels_outside_the_classes_are_named():
    batch = Batch(torch.zeros(3, 2), {"labels": torch.tensor([0, 5, 1])})
    with pytest.raises(DataError, match="1 of 3 labels lie outside the 2 classes: 5"):
        CrossEntropy()(batch, nn.Identity())
