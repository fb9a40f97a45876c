"""One round by hand, and a source of which half is wrong."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.tree import DecisionTreeClassifier

from headstart.adaptation.instance.tradaboost import TrAdaBoost, boosted
from headstart.errors import DataError

from ..worlds import same


def test_one_round_of_two_classes_is_the_paper_s() -> None:
    weights = np.array([0.2, 0.2, 0.2, 0.1, 0.3])
    wrong = np.array([True, False, False, True, False])
    is_target = np.array([False, False, False, True, True])
    found = boosted(weights, wrong, is_target, n_classes=2, rounds=10)
    error = 0.1 / 0.4
    rate = 1 / (1 + np.sqrt(2 * np.log(3) / 10))
    expected = np.array([0.2 * rate, 0.2, 0.2, 0.0, 0.0]) * 2 * (1 - error)
    expected += np.array([0, 0, 0, 0.1 * (1 - error) / error, 0.3])
    assert found.error == pytest.approx(error)
    assert found.vote == pytest.approx(np.log((1 - error) / error))
    np.testing.assert_allclose(found.weights, expected / expected.sum())


def test_a_round_worse_than_chance_has_no_vote() -> None:
    found = boosted(np.full(4, 0.25), np.ones(4, dtype=bool), np.arange(4) > 1, n_classes=2, rounds=5)
    assert found.vote == 0


def test_source_rows_with_wrong_labels_lose_their_weight() -> None:
    pair = same(300)
    lying = np.arange(300) % 2 == 0
    pair = pair._replace(ys=np.where(lying, (pair.ys + 1) % 3, pair.ys))
    shown = np.where(np.arange(300) < 60, pair.yt, -1)
    adapter = TrAdaBoost(rounds=10, head=DecisionTreeClassifier(max_depth=3, random_state=0))
    adapter.fit(pair.Xs, pair.ys, pair.Xt, shown)
    assert adapter.weights_[lying].mean() < 0.7 * adapter.weights_[~lying].mean()
    assert (adapter.predict(pair.Xt[60:]) == pair.yt[60:]).mean() > 0.75
    with pytest.raises(DataError, match="rounds must be at least 1"):
        TrAdaBoost(rounds=0).fit(pair.Xs, pair.ys, pair.Xt, shown)
