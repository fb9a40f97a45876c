import copy

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import log_softmax, rel_entr
from torch import nn

from headstart.errors import DataError
from headstart.training.batches import Batch
from headstart.training.freezing import state_digest
from headstart.training.loop import train
from headstart.training.schedule import Schedule
from headstart.training.terms.cross_entropy import CrossEntropy
from headstart.training.terms.distill import Distill


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 6), st.integers(2, 5), st.floats(0.5, 20))
def test_agrees_with_the_formula(seed, n, classes, temperature):
    rng = np.random.default_rng(seed)
    student, teacher = rng.normal(size=(2, n, classes)) * 3
    warm = [np.exp(log_softmax(logits / temperature, axis=1)) for logits in (teacher, student)]
    by_hand = temperature**2 * rel_entr(*warm).sum(axis=1).mean()
    batch = Batch(torch.from_numpy(student), {"teacher": torch.from_numpy(teacher)})
    assert float(Distill(temperature=temperature)(batch, nn.Identity())) == pytest.approx(by_hand, abs=1e-9)


def test_hot_gradients_keep_their_size():
    """For T → ∞ the gradient tends to (student - teacher) / C of centred outputs (section 2.1 of the paper)."""
    teacher = torch.tensor([[1.0, -1.0, 0.0]], dtype=torch.float64)
    student = torch.tensor([[0.5, 0.5, -1.0]], dtype=torch.float64, requires_grad=True)
    Distill(temperature=1e4)(Batch(student, {"teacher": teacher}), nn.Identity()).backward()
    assert torch.allclose(student.grad, (student - teacher) / 3, atol=1e-4)


def test_a_teacher_that_runs_stands_still_and_equals_its_outputs(network, batches):
    teacher = copy.deepcopy(network).train()
    before = state_digest(teacher)
    batch = batches(0)
    running = Distill(teacher, temperature=2)(batch, network.eval())
    with torch.no_grad():
        taught = teacher.eval()(batch.inputs)
    stored = Distill(temperature=2)(Batch(batch.inputs, {"teacher": taught}), network)
    assert torch.equal(running, stored)
    assert running.item() == pytest.approx(0, abs=1e-6)  # it is its own teacher
    running.backward()
    assert all(parameter.grad is None for parameter in teacher.parameters())
    assert state_digest(teacher) == before


def test_a_student_learns_from_a_teacher_without_labels(network, batches):
    teacher = copy.deepcopy(network)
    for _ in train(teacher, batches, objective=CrossEntropy(), schedule=Schedule(steps=200, lr=0.02)):
        pass
    with torch.no_grad():
        columns = {"teacher": teacher(batches.inputs)}
    batches.columns = columns
    for _ in train(network, batches, objective=Distill(), schedule=Schedule(steps=200, lr=0.02)):
        pass
    agree = (network(batches.inputs).argmax(1) == columns["teacher"].argmax(1)).double().mean()
    assert agree > 0.9


def test_misuse(network, batches):
    with pytest.raises(ValueError, match="temperature"):
        Distill(temperature=0)
    with pytest.raises(DataError, match="Distill needs teacher"):
        Distill().check(batches(0))
    with pytest.raises(DataError, match=r"the teacher gives \(16, 5\) where the student gives \(16, 3\)"):
        Distill(nn.Linear(6, 5))(Batch(torch.randn(16, 6)), network)
