"""A model as the source."""

from __future__ import annotations

import numpy as np

from headstart.diagnosis.knowing import diagnose_model
from headstart.diagnosis.side import Side
from headstart.problem import Domain, Task


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
