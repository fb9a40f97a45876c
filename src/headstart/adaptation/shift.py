"""Which shift is it? A classifier of domains, asked before and after the classes are brought to equal shares: no shift,
only the classes' shares, or more (the cheap test that tells when alignment would hurt)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from scipy.stats import rankdata
from sklearn.decomposition import TruncatedSVD

from headstart.adaptation.adapter import aligned_proba, stacked
from headstart.adaptation.domains import Domains, dense
from headstart.adaptation.instance.discriminative import domain_odds
from headstart.adaptation.label_shift.em import EMPrior
from headstart.arrays import Matrix, Vector
from headstart.stats.label_shift import em_shares

Kind: TypeAlias = Literal["none", "label", "features"]
SURE = 1e-3  # the test takes the calibration for exact, which a few hundred rows do not make it


@dataclass(frozen=True)
class Shift:
    """kind    "none", "label" (only class shares differ) or "features"
    apart      AUC of telling source from target rows, .5 for one distribution
    explained  the same once source rows are weighted to the target's class shares
    error      standard error of both, roughly
    """

    kind: Kind
    apart: float
    explained: float
    error: float

    def __str__(self) -> str:
        said = {"none": "no shift", "label": "only class shares differ", "features": "features differ"}[self.kind]
        return f"{said} (domains told apart with AUC {self.apart:.2f}, {self.explained:.2f} once classes are evened)"


def shift_between(domains: Domains, *, head: Any = None, seed: int = 0) -> Shift:
    """Look at source and target rows; no label of the target is needed.

    Features differ where the AUC stays more than three standard errors above chance after evening the classes. Else it
    is label shift where a likelihood ratio test refuses the source's class shares.
    """
    source, target = domain_odds(*compressed(domains, seed=seed), seed=seed)
    prior = EMPrior(head=head, seed=seed, tolerance=1e-4)
    prior.fit(domains.Xs, domains.ys, domains.Xt, np.where(domains.known, domains.yt, -1))
    weights = (prior.prior_ / prior.source_prior_)[domains.ys]
    apart, explained = weighted_auc(source, target, np.ones(len(source))), weighted_auc(source, target, weights)
    error = auc_error(float(weights.sum()) ** 2 / max(float((weights**2).sum()), 1e-300), len(target))
    calibrated = prior.calibration_.apply(aligned_proba(prior.head_, domains.Xt, domains.n_classes))
    unlikely = em_shares(calibrated, prior.source_prior_).p < SURE
    # The classifier was trained on what class shares tell, too: evened, its ranking may only be worse than chance.
    if explained > 0.5 + 3 * error:
        kind: Kind = "features"
    else:
        kind = "label" if unlikely else "none"
    return Shift(kind, apart, explained, error)


def compressed(domains: Domains, *, columns: int = 64, seed: int = 0) -> tuple[Matrix, Matrix]:
    """Both sides in the leading singular directions of all their rows: what tells domains apart quickly enough."""
    d = domains.Xs.shape[1]
    if d <= columns:
        return dense(domains.Xs, method="it"), dense(domains.Xt, method="it")
    both = stacked(domains.Xs, domains.Xt)
    found = TruncatedSVD(min(columns, both.shape[0] - 1), random_state=seed).fit_transform(both)
    return found[: len(domains.ys)], found[len(domains.ys) :]


def weighted_auc(low: Vector, high: Vector, weights: Vector) -> float:
    """P(a row of `high` ranks above a row of `low`), rows of `low` weighted, ties half.

    >>> weighted_auc(np.array([1.0, 4.0]), np.array([2.0, 3.0]), np.array([3.0, 1.0]))
    0.75
    """
    order = np.argsort(low, kind="stable")
    below = np.append(0.0, np.cumsum(weights[order]))
    left, right = (np.searchsorted(low[order], high, side=side) for side in ("left", "right"))
    return float((below[left] + below[right]).mean() / 2 / weights.sum())


def auc_error(n: float, m: float) -> float:
    """Standard error of the AUC of n against m rows that are alike (Mann & Whitney, 1947)."""
    return float(np.sqrt((n + m + 1) / (12 * n * m)))


def ranks(values: Vector) -> Vector:
    """From 0 (lowest) to 1 (highest), ties their mean; all .5 where all are equal."""
    count = len(values)
    return np.asarray((rankdata(values) - 0.5) / count)
