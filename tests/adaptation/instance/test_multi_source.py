"""A source that lies is not believed; a single source is TrAdaBoost."""

from __future__ import annotations

import numpy as np
import pytest
import sklearn

from headstart.adaptation.instance.multi_source import MultiSourceTrAdaBoost
from headstart.adaptation.instance.tradaboost import TrAdaBoost
from headstart.adaptation.sample_domain import WithDomains
from headstart.errors import DataError
from headstart.heads.lda import LDA

from ..worlds import same, some_known


def test_the_source_that_agrees_with_the_target_is_picked() -> None:
    pair = same(240)
    source_of = np.where(np.arange(240) < 120, "good", "lying")
    ys = np.where(source_of == "lying", (pair.ys + 1) % 3, pair.ys)
    shown = some_known(pair, 30)
    adapter = MultiSourceTrAdaBoost(head=LDA()).fit(pair.Xs, ys, pair.Xt, shown, source_of)
    assert set(adapter.sources_) == {"good"}
    assert (adapter.predict(pair.Xt) == pair.yt).mean() > 0.85


def test_one_source_is_tradaboost() -> None:
    pair = same(90)
    shown = some_known(pair, 12)
    several = MultiSourceTrAdaBoost(head=LDA()).fit(pair.Xs, pair.ys, pair.Xt, shown)
    single = TrAdaBoost(head=LDA()).fit(pair.Xs, pair.ys, pair.Xt, shown)
    np.testing.assert_array_equal(several.predict_proba(pair.Xt), single.predict_proba(pair.Xt))


def test_positive_domains_are_sources() -> None:
    pair = same(90)
    X, y = np.vstack([pair.Xs, pair.Xt]), np.append(pair.ys, some_known(pair, 12))
    domain = np.r_[np.repeat([1, 2], 45), np.full(90, -1)]
    with sklearn.config_context(enable_metadata_routing=True):
        fitted = WithDomains(MultiSourceTrAdaBoost(head=LDA())).fit(X, y, sample_domain=domain)
    assert set(fitted.adapter_.sources_) <= {1, 2}


def test_misuse() -> None:
    pair = same(30)
    with pytest.raises(DataError, match="source labels has 30 rows and source_of has 2"):
        MultiSourceTrAdaBoost().fit(pair.Xs, pair.ys, pair.Xt, pair.yt, [1, 2])
    with pytest.raises(DataError, match="rounds must be at least 1"):
        MultiSourceTrAdaBoost(rounds=0).fit(pair.Xs, pair.ys, pair.Xt, pair.yt)
