"""Odds of a domain classifier as a density ratio."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.neighbors import KNeighborsClassifier

from headstart.adaptation.instance.discriminative import DiscriminativeRatio, domain_odds
from headstart.adaptation.instance.instance_adapter import FewEffectiveRows
from headstart.heads.lda import LDA
from headstart.heads.logistic import Logistic


def test_the_odds_are_the_ratio_of_two_gaussians() -> None:
    rng = np.random.default_rng(0)
    source, target = rng.normal(size=(1500, 1)), rng.normal(0.7, 1.0, size=(700, 1))
    of_source, of_target = domain_odds(source, target)
    true = (norm.pdf(source, 0.7) / norm.pdf(source)).ravel()
    assert np.corrcoef(np.log(of_source), np.log(true))[0, 1] > 0.97
    assert np.median(np.abs(np.log(of_source / true))) < 0.15
    assert of_target.mean() > of_source.mean()


def test_rows_are_judged_by_classifiers_that_did_not_see_them() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 3))
    odds, _ = domain_odds(X[:100], X[100:], classifier=KNeighborsClassifier(1))
    assert 0.3 < (odds > 1).mean() < 0.7  # a neighbour that is the row itself would always say "source"


def test_its_own_classifier_weighs_like_any_other_and_costs_one_fit() -> None:
    rng = np.random.default_rng(0)
    source, target = rng.normal(size=(900, 3)), rng.normal(0.5, 1.0, size=(600, 3))
    labels = (source[:, 0] > 0).astype(int)
    quick, folds = (
        DiscriminativeRatio(classifier=classifier, least_effective=0.0, head=LDA()).fit(source, labels, target)
        for classifier in (None, Logistic())
    )
    true = (norm.pdf(source, 0.5) / norm.pdf(source)).prod(axis=1)
    found, others = (np.corrcoef(np.log(each.weights_), np.log(true))[0, 1] for each in (quick, folds))
    assert found > 0.98 and found > others - 0.02


def test_domains_that_hardly_overlap_are_weighed_gently() -> None:
    rng = np.random.default_rng(0)
    source, target = rng.normal(size=(300, 3)), rng.normal(4.0, 1.0, size=(300, 3))
    with pytest.warns(FewEffectiveRows, match="worth 150"):
        adapter = DiscriminativeRatio(head=LDA()).fit(source, (source[:, 0] > 0).astype(int), target)
    assert adapter.effective_rows_ == pytest.approx(150, rel=0.01)
