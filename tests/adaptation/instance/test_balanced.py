"""A handful of target labels outweighs a source that contradicts them."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from headstart.adaptation.instance.balanced import BalancedWeighting
from headstart.adaptation.none import NoAdaptation
from headstart.errors import DataError

from ..worlds import Pair, accuracy, same


def contradicting() -> tuple[Pair, np.ndarray]:
    pair = same(300)
    pair = pair._replace(ys=(pair.ys + 1) % 3)
    shown = np.where(np.arange(300) < 30, pair.yt, -1)
    return pair, shown


def test_the_share_decides_whom_to_believe() -> None:
    pair, shown = contradicting()
    assert accuracy(NoAdaptation(), pair, shown) < 0.3
    assert accuracy(BalancedWeighting(share=0.9), pair, shown) > 0.8


def test_the_weights_are_those_of_the_formula() -> None:
    pair, shown = contradicting()
    known = shown >= 0
    by_hand = LogisticRegression(max_iter=1000).fit(
        np.vstack([pair.Xs, pair.Xt[known]]),
        np.append(pair.ys, shown[known]),
        sample_weight=np.append(np.full(300, 0.25 / 300), np.full(30, 0.75 / 30)) * 330,
    )
    found = BalancedWeighting(share=0.75, head=LogisticRegression(max_iter=1000)).fit(pair.Xs, pair.ys, pair.Xt, shown)
    np.testing.assert_allclose(found.predict_proba(pair.Xt), by_hand.predict_proba(pair.Xt), rtol=1e-6)
    with pytest.raises(DataError, match="share must lie strictly"):
        BalancedWeighting(share=1.0).fit(pair.Xs, pair.ys, pair.Xt, shown)
