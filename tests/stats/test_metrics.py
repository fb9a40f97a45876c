"""Metrics against scikit-learn and counting by hand."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as peer

from headstart.errors import DataError
from headstart.stats.metrics import (
    balanced_accuracy,
    confusion,
    expected_calibration_error,
    log_loss,
    reliability_bins,
)


def answers(n: int = 300, n_classes: int = 4) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(n)
    return rng.dirichlet(np.full(n_classes, 0.5), n), rng.integers(0, n_classes, n)


def test_agrees_with_scikit_learn() -> None:
    proba, y = answers()
    predicted = proba.argmax(axis=1)
    assert np.array_equal(confusion(y, predicted, 4), peer.confusion_matrix(y, predicted))
    assert balanced_accuracy(y, predicted) == pytest.approx(peer.balanced_accuracy_score(y, predicted))
    assert log_loss(proba, y) == pytest.approx(peer.log_loss(y, proba))


def test_confusion_keeps_classes_that_never_occur() -> None:
    found = confusion([0, 2], [2, 2], 4)
    assert found.shape == (4, 4)
    assert found[0, 2] == found[2, 2] == 1
    assert found.sum() == 2


def test_bins_by_hand() -> None:
    proba, y = answers()
    found = reliability_bins(proba, y, bins=5)
    confidence, right = proba.max(axis=1), proba.argmax(axis=1) == y
    for place in range(5):
        inside = (confidence >= place / 5) & (confidence < (place + 1) / 5)
        assert found.count[place] == inside.sum()
        if inside.any():
            assert found.confidence[place] == pytest.approx(confidence[inside].mean())
            assert found.accuracy[place] == pytest.approx(right[inside].mean())


def test_error_of_the_certain_and_wrong_is_one_and_of_the_honest_small() -> None:
    certain = np.tile([1.0, 0.0], (50, 1))
    assert expected_calibration_error(certain, np.ones(50, dtype=int)) == 1
    assert expected_calibration_error(certain, np.zeros(50, dtype=int)) == 0
    rng = np.random.default_rng(0)
    p = rng.uniform(size=20_000)
    honest = np.column_stack([p, 1 - p])
    assert expected_calibration_error(honest, (rng.uniform(size=20_000) > p).astype(int)) < 0.02


def test_says_what_is_wrong() -> None:
    with pytest.raises(DataError, match="must hold class codes 0 to 1"):
        confusion([0, 2], [0, 1], 2)
    with pytest.raises(DataError, match="must hold class codes 0 to 1"):
        log_loss(np.full((2, 2), 0.5), ["a", "b"])
    with pytest.raises(DataError, match="proba has 2 rows and y has 1"):
        reliability_bins(np.full((2, 2), 0.5), [0])
