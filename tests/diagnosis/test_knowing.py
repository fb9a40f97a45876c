"""A model as the source."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.diagnosis.knowing import diagnose_model
from headstart.diagnosis.side import Side
from headstart.problem import Domain, Task
from headstart.stats.intervals import accuracy_score_interval


def test_label_spaces_and_answers_speak() -> None:
    labels = np.array([0, 1, 1, 0] * 10)
    target = Side.of(np.zeros((40, 1)), np.array(["bee", "fourmi"])[labels])
    proba = np.eye(3)[labels]
    found = diagnose_model(Task(("bee", "ant", "cow")), Domain("vector", "model"), target, proba)
    assert found["X"].answer == "same"
    assert found["P(X)"].answer == "unknown"
    assert "keeps no samples" in found["P(X)"].reason
    assert found["Y"].answer == "differs"
    assert found.labels is not None
    assert found.labels.map is not None
    assert found.labels.map.pairs[0][:2] == ("ant", "fourmi")


def test_another_modality_is_another_feature_space() -> None:
    target = Side.of(np.zeros((4, 1)), ["a", "b"] * 2)
    found = diagnose_model(Task(("a", "b")), Domain("image", "model"), target, None)
    assert found.differing == ("X",)


def test_the_loss_against_its_own_held_out_rows_is_said() -> None:
    labels = np.tile([0, 1], 100)
    called = np.where(np.arange(200) % 5 == 0, 1 - labels, labels)  # four of five are right
    target = Side.of(np.zeros((200, 1)), np.array(["a", "b"])[labels])
    home = accuracy_score_interval(np.tile([1.0, 1, 1, 1, 1, 1, 1, 1, 1, 0], 30))
    proba = np.where(np.eye(2)[called] > 0, 0.9, 0.1)
    found = diagnose_model(Task(("a", "b")), Domain("vector", "model"), target, proba, home=home)
    assert found.harm is not None
    assert found.harm.loss.value == pytest.approx(0.1)
    assert found["P(Y|X)"].answer == "unknown"
    assert "no evidence" in found["P(Y|X)"].reason


def test_class_shares_are_estimated_and_not_believed_blindly() -> None:
    rng = np.random.default_rng(0)
    labels = (rng.random(600) < 0.8).astype(int)
    x = labels * 2 - 1 + 0.7 * rng.standard_normal(600)
    second = 1 / (1 + np.exp(-2 * x / 0.49))  # calibrated at equal shares
    found = diagnose_model(
        Task(("a", "b")), Domain("vector", "model"), Side.of(np.zeros((600, 1))), np.c_[1 - second, second],
        shares=(50, 50),
    )  # fmt: skip
    assert found.labels is not None
    assert found.labels.priors is not None
    assert found.labels.priors.target[1] == pytest.approx(0.8, abs=0.05)
    assert found["P(Y)"].answer == "unknown"
    assert "cannot be checked" in found["P(Y)"].reason
