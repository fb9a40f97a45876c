"""Runs on the folds: every row is scored by a fit that never saw it."""

from __future__ import annotations

import numpy as np

from headstart.arrays import Matrix, Rows
from headstart.strategies.training_runs import out_of_fold

from .worlds import blobs, ground_of


def test_out_of_fold_never_asks_about_rows_it_was_fitted_on() -> None:
    ground = ground_of(blobs(120))

    def refit(fit: Rows, score: Rows) -> Matrix:
        assert not set(fit) & set(score)
        assert not (set(fit) | set(score)) & set(ground.test)
        return np.eye(2)[ground.labels[score]]

    proba, runs = out_of_fold(ground, refit)
    assert np.array_equal(proba.argmax(1), ground.labels[ground.train])
    assert runs.min() == 1
    _, once = out_of_fold(ground, refit, once=True)
    assert len(once) == 1 and not np.isnan(once).any()
