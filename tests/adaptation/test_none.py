"""No adaptation is the head on the source, and nothing else."""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import LogisticRegression

from headstart.adaptation.none import NoAdaptation

from .worlds import moved


def test_the_target_rows_change_nothing() -> None:
    pair = moved()
    head = LogisticRegression(max_iter=1000)
    expected = head.fit(pair.Xs, pair.ys).predict_proba(pair.Xt)
    found = NoAdaptation(head=LogisticRegression(max_iter=1000))
    np.testing.assert_array_equal(found.fit(pair.Xs, pair.ys, pair.Xt).predict_proba(pair.Xt), expected)
    np.testing.assert_array_equal(found.fit(pair.Xs, pair.ys, pair.Xs[:1]).predict_proba(pair.Xt), expected)
