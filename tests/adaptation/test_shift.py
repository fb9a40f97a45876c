"""The three answers in three worlds, and the AUC against its definition."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.adaptation.domains import Domains
from headstart.adaptation.shift import auc_error, ranks, shift_between, weighted_auc
from headstart.heads.lda import LDA

from .worlds import Pair, moved, other_shares, same


@pytest.mark.parametrize(("world", "kind"), [(same, "none"), (other_shares, "label"), (moved, "features")])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_each_world_is_recognised(world: object, kind: str, seed: int) -> None:
    pair: Pair = world(300, seed=seed)  # type: ignore[operator]
    found = shift_between(Domains.of(pair.Xs, pair.ys, pair.Xt), head=LDA())
    assert found.kind == kind
    assert "AUC" in str(found)


def test_the_auc_is_a_share_of_pairs() -> None:
    rng = np.random.default_rng(0)
    low, high, weights = rng.integers(0, 5, 30), rng.integers(1, 6, 20), rng.uniform(size=30)
    pairs = (high[None, :] > low[:, None]) + 0.5 * (high[None, :] == low[:, None])
    expected = (weights[:, None] * pairs).sum() / weights.sum() / 20
    assert weighted_auc(low.astype(float), high.astype(float), weights) == pytest.approx(expected)


def test_the_error_of_the_auc_is_its_spread_over_samples() -> None:
    rng = np.random.default_rng(0)
    drawn = [weighted_auc(rng.normal(size=30), rng.normal(size=40), np.ones(30)) for _ in range(2000)]
    assert auc_error(30, 40) == pytest.approx(np.std(drawn), rel=0.1)


def test_ranks() -> None:
    assert ranks(np.array([3.0, 1.0, 2.0])).argmax() == 0
    np.testing.assert_allclose(ranks(np.ones(4)), 0.5)
