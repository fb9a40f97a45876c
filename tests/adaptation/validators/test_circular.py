"""Going there and back: good guesses return the source, nonsense does not."""

from __future__ import annotations

import numpy as np

from headstart.adaptation.feature.coral import Coral
from headstart.adaptation.instance.balanced import BalancedWeighting
from headstart.adaptation.validators.circular import circular
from headstart.adaptation.validators.evidence import Evidence
from headstart.heads.lda import LDA

from ..worlds import moved, some_known


def seen(adapter: object, target: np.ndarray) -> Evidence:
    pair = moved(150)
    return Evidence(adapter, pair.Xs, pair.ys, pair.Xt, target, target, pair.ys, np.ones(150))  # type: ignore[arg-type]


def test_right_guesses_come_back_and_wrong_ones_do_not() -> None:
    pair = moved(150)
    adapter = Coral(head=LDA()).fit(pair.Xs, pair.ys, pair.Xt)
    right = circular(seen(adapter, np.eye(3)[pair.yt]))
    shuffled = circular(seen(adapter, np.eye(3)[np.random.default_rng(0).permutation(pair.yt)]))
    assert right > 0.9 > shuffled + 0.2


def test_ways_back_that_cannot_be_gone() -> None:
    pair = moved(150)
    adapter = Coral(head=LDA()).fit(pair.Xs, pair.ys, pair.Xt)
    assert circular(seen(adapter, np.eye(3)[np.zeros(150, int)])) == 0
    needy = BalancedWeighting(head=LDA()).fit(pair.Xs, pair.ys, pair.Xt, some_known(pair))
    assert circular(seen(needy, np.eye(3)[pair.yt])) == 0
