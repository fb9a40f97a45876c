"""The confusion matrix, entry by entry, and what inverting it brings."""

from __future__ import annotations

import numpy as np

from headstart.adaptation.label_shift.bbse import ConfusionPrior, joint_confusion
from headstart.adaptation.none import NoAdaptation
from headstart.heads.lda import LDA

from ..worlds import accuracy, other_shares


def test_the_confusion_is_the_mean_over_rows() -> None:
    rng = np.random.default_rng(0)
    proba, y = rng.dirichlet([1, 1, 1], 20), rng.integers(0, 3, 20)
    expected = np.array([[np.sum(proba[y == j, i]) / 20 for j in range(3)] for i in range(3)])
    np.testing.assert_allclose(joint_confusion(proba, y), expected)


def test_it_pays() -> None:
    pair = other_shares(400)
    adapter = ConfusionPrior(head=LDA())
    assert accuracy(adapter, pair) > accuracy(NoAdaptation(head=LDA()), pair) + 0.1
    np.testing.assert_allclose(adapter.prior_, [0.1, 0.1, 0.8], atol=0.08)
