"""Both domains in one matrix, as scikit-learn's pipelines and searches want it."""

from __future__ import annotations

import numpy as np
import pytest
import sklearn
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from headstart.adaptation.feature.coral import Coral
from headstart.adaptation.sample_domain import WithDomains
from headstart.errors import DataError
from headstart.heads.lda import LDA

from .worlds import moved

PAIR = moved(90)
ORDER = np.random.default_rng(0).permutation(180)
X = np.vstack([PAIR.Xs, PAIR.Xt])[ORDER]
Y = np.append(PAIR.ys, np.full(90, -1))[ORDER]
DOMAIN = np.repeat([1, -1], 90)[ORDER]


def test_interleaved_rows_give_what_separate_ones_give() -> None:
    together = WithDomains(Coral(head=LDA())).fit(X, Y, sample_domain=DOMAIN)
    apart = Coral(head=LDA()).fit(X[DOMAIN > 0], Y[DOMAIN > 0], X[DOMAIN < 0])
    np.testing.assert_array_equal(together.predict_proba(PAIR.Xt), apart.predict_proba(PAIR.Xt))
    assert together.score(PAIR.Xt, PAIR.yt) > 0.9


def test_pipelines_and_searches_route_the_domains() -> None:
    with sklearn.config_context(enable_metadata_routing=True):
        pipeline = make_pipeline(StandardScaler(), WithDomains(Coral(head=LDA())))
        assert (pipeline.fit(X, Y, sample_domain=DOMAIN).predict(PAIR.Xt) == PAIR.yt).mean() > 0.9
        labelled = np.append(PAIR.ys, PAIR.yt)[ORDER]
        search = GridSearchCV(WithDomains(Coral(head=LDA())), {"adapter__ridge": [0.1, 1e6]}, cv=3)
        search.fit(X, labelled, sample_domain=DOMAIN)
        assert set(search.cv_results_["param_adapter__ridge"]) == {0.1, 1e6}
        assert search.best_score_ > 0.9


def test_the_score_is_of_the_target_where_its_labels_are_known() -> None:
    fitted = WithDomains(Coral(head=LDA())).fit(X, Y, sample_domain=DOMAIN)
    labelled = np.append(PAIR.ys, PAIR.yt)[ORDER]
    expected = (fitted.predict(X[DOMAIN < 0]) == labelled[DOMAIN < 0]).mean()
    assert fitted.score(X, labelled, sample_domain=DOMAIN) == expected


def test_misuse() -> None:
    model = WithDomains(Coral())
    with pytest.raises(DataError, match="sample_domain is missing"):
        model.fit(X, Y)
    with pytest.raises(DataError, match="sample_domain holds 0"):
        model.fit(X, Y, sample_domain=np.zeros(180))
    with pytest.raises(DataError, match="names 180 source rows of 180"):
        model.fit(X, Y, sample_domain=np.ones(180))
    with pytest.raises(DataError, match="must match one to one"):
        model.fit(X, Y, sample_domain=np.ones(3))
