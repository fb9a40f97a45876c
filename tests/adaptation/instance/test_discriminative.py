"""Odds of a domain classifier as a density ratio."""

from __future__ import annotations

import numpy as np
from scipy.stats import norm
from sklearn.neighbors import KNeighborsClassifier

from headstart.adaptation.instance.discriminative import domain_odds


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
