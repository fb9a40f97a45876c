"""The density ratio from a classifier of domains (Bickel, Brückner & Scheffer, ICML 2007): odds are the ratio."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from scipy import sparse
from sklearn.base import clone
from sklearn.model_selection import StratifiedKFold

from headstart.adaptation.adapter import stacked
from headstart.adaptation.domains import Domains
from headstart.adaptation.instance.instance_adapter import InstanceAdapter
from headstart.adaptation.instance.left_out_odds import discriminator
from headstart.arrays import Vector
from headstart.heads.logistic import Logistic

MOST_COLUMNS = 2048
LEAST = 1e-3  # of a probability: odds beyond a thousand are not told apart by a few thousand rows


def domain_odds(Xs: Any, Xt: Any, *, classifier: Any = None, folds: int = 5, seed: int = 0) -> tuple[Vector, Vector]:
    """p_target / p_source at each row of either side (ns,), (nt,), by a classifier that did not see the row.

    A classifier asked about rows it was trained on finds them all unmistakable, and the weights collapse. None takes
    logistic regression that leaves rows out in closed form (`left_out_odds`), by folds where rows are sparse or very
    wide.
    """
    if classifier is None and in_closed_form(Xs, Xt):
        found = discriminator(Xs, Xt)
        of_source, of_target = (found.log_ratio(second=second) for second in (False, True))
        most = np.log((1 - LEAST) / LEAST)
        return np.exp(of_source.clip(-most, most)), np.exp(of_target.clip(-most, most))
    X, side = stacked(Xs, Xt), np.repeat([0, 1], [Xs.shape[0], Xt.shape[0]])
    proba = np.empty(len(side))
    folds = max(2, min(folds, Xs.shape[0], Xt.shape[0]))
    classifier = Logistic() if classifier is None else classifier
    for fit, score in StratifiedKFold(folds, shuffle=True, random_state=seed).split(np.zeros(len(side)), side):
        fitted = clone(classifier).fit(X[fit], side[fit])
        proba[score] = fitted.predict_proba(X[score])[:, 1]
    proba = proba.clip(LEAST, 1 - LEAST)
    odds = proba / (1 - proba) * (Xs.shape[0] / Xt.shape[0])
    return odds[side == 0], odds[side == 1]


def in_closed_form(Xs: Any, Xt: Any) -> bool:
    """Whether the rows are dense, and few or narrow enough for a curvature to be factorised in every step."""
    dense = not sparse.issparse(Xs) and not sparse.issparse(Xt)
    return dense and min(Xs.shape[0] + Xt.shape[0], Xs.shape[1]) <= MOST_COLUMNS


class DiscriminativeRatio(InstanceAdapter):
    """classifier  tells the domains apart, needs `predict_proba`, asked about the rows that each of `folds` left out;
                   None takes logistic regression, its penalty by the evidence and rows left out in closed form
                   (`left_out_odds`), for sparse and very wide rows by folds as well

    Odds of domains that hardly overlap say little of the target: by default the guard flattens weights until they are
    worth half of the rows. Learned: `InstanceAdapter`'s.
    """

    name: ClassVar[str] = "discriminative"
    accepts_sparse: ClassVar[bool] = True

    def __init__(
        self, *, classifier: Any = None, folds: int = 5, least_effective: float = 0.5, seed: int = 0, head: Any = None
    ) -> None:
        self.classifier = classifier
        self.folds = folds
        self.least_effective = least_effective
        self.seed = seed
        self.head = head

    def _ratio(self, domains: Domains) -> Vector:
        Xs, Xt = domains.Xs, domains.Xt
        if self.classifier is None and in_closed_form(Xs, Xt):
            logits = discriminator(Xs, Xt).left_out()
            return np.exp(logits - logits.max())
        return domain_odds(Xs, Xt, classifier=self.classifier, folds=self.folds, seed=self.seed)[0]
