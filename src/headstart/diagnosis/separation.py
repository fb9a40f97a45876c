"""How well the two sides can be told apart, and what that leaves over for re-weighting and for comparison."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

from headstart.arrays import Matrix, Vector
from headstart.diagnosis.nuisances import FAMILIES, Family, dealt_folds, expanded, out_of_fold
from headstart.results import Interval
from headstart.stats.covariance import standardised
from headstart.stats.divergence import auc_interval, effective_share
from headstart.stats.kernels import squared_distances

NEIGHBOUR = 5
SUPPORT = 0.99


@dataclass(frozen=True, eq=False)
class Separation:
    """What a domain classifier's out-of-fold answers on sampled rows say.

    auc              how often it puts a target row above a source row: .5 cannot tell, 1 always can
    effective_share  share of source rows that count after re-weighting them to look like the target
    target_scores    (m,) probability of "target" for each target row
    outside          share of target rows farther from the source than 99 % of its own rows; .01 when nothing differs
    """

    auc: Interval
    effective_share: float
    outside: Interval
    family: Family
    target_scores: Vector

    @property
    def proxy_a_distance(self) -> float:
        """2(1 - 2 err) of the best threshold (Ben-David et al., NeurIPS 2006), by the AUC in place of err."""
        return 2 * abs(2 * self.auc.value - 1)


def separation(
    source: Matrix, target: Matrix, *, groups: tuple[NDArray[Any], NDArray[Any]] | None = None, rng: np.random.Generator
) -> Separation:
    """Both families of classifiers are fitted; the one of least held-out log loss speaks."""
    proba, family = _told_apart(source, target, groups, rng)
    n = len(source)
    odds = proba[:n] / (1 - proba[:n])
    auc = auc_interval(proba[:n], proba[n:], groups=groups)
    return Separation(auc, effective_share(odds), outside_support(source, target, rng=rng), family, proba[n:])


def domain_proba(
    source: Matrix, target: Matrix, *, groups: tuple[NDArray[Any], NDArray[Any]] | None = None, rng: np.random.Generator
) -> tuple[Vector, Vector]:
    """Out-of-fold probability of "target" for each row of both sides, as if both had equally many rows."""
    proba, _ = _told_apart(source, target, groups, rng)
    odds = proba / (1 - proba) * len(source) / len(target)
    balanced = odds / (1 + odds)
    return balanced[: len(source)], balanced[len(source) :]


def _told_apart(
    source: Matrix, target: Matrix, groups: tuple[NDArray[Any], NDArray[Any]] | None, rng: np.random.Generator
) -> tuple[Vector, Family]:
    Z = standardised(np.concatenate([source, target]))
    domain = np.repeat([0, 1], [len(source), len(target)])
    units = None if groups is None else joined_groups(groups)
    fold_of = dealt_folds(units, domain, rng=rng)
    fitted = {family: out_of_fold(expanded(Z, family, rng=rng), domain, fold_of) for family in FAMILIES}
    family = min(FAMILIES, key=lambda one: fitted[one].log_loss)
    return fitted[family].proba[:, 1].clip(1e-6, 1 - 1e-6), family


def joined_groups(groups: tuple[NDArray[Any], NDArray[Any]]) -> NDArray[np.int64]:
    """Group numbers over both sides; a name used on both sides is one group here: its rows must share a fold."""
    names = np.concatenate([np.asarray(side).astype(str) for side in groups])
    return np.asarray(np.unique(names, return_inverse=True)[1])


def outside_support(source: Matrix, target: Matrix, *, rng: np.random.Generator) -> Interval:
    """Share of target rows whose 5th neighbour in one half of the source is farther than for 99 % of the other half.

    Exact binomial interval (Clopper & Pearson 1934) of the target's share.
    """
    order = rng.permutation(len(source))
    reference, held = source[order[: len(order) // 2]], source[order[len(order) // 2 :]]
    k = min(NEIGHBOUR, len(reference)) - 1
    if k < 0:
        return Interval(float("nan"), 0.0, 1.0)
    near_held, near_target = (
        np.partition(squared_distances(side, reference), k, axis=1)[:, k] for side in (held, target)
    )
    limit = np.quantile(near_held, SUPPORT)
    outside, m = int((near_target > limit).sum()), len(target)
    low = float(beta.ppf(0.025, outside, m - outside + 1)) if outside else 0.0
    high = float(beta.ppf(0.975, outside + 1, m - outside)) if outside < m else 1.0
    return Interval(outside / m, low, high)
