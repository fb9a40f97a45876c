"""Does the same x get the same label on both sides? P(Y given X) tested with P(X) held fixed.

If it does, what is left of the domain once x has explained it is uncorrelated with what is left of the label (GCM;
under weights that depend on x: weighted GCM). Two families of models explain; only where both agree is there a
verdict, since a model that does not fit is the one way to a false alarm. An accuracy drop is no such evidence: it comes
with a change of P(X) alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from headstart.arrays import Labels, Matrix
from headstart.diagnosis.nuisances import FAMILIES, Family, dealt_folds, expanded, out_of_fold
from headstart.diagnosis.separation import joined_groups
from headstart.stats.combination import cauchy
from headstart.stats.covariance import standardised
from headstart.stats.residual_products import residual_product_ps

Answer: TypeAlias = Literal["differs", "not seen", "inconclusive", "cannot tell"]
ROWS_PER_COLUMN = 10  # with fewer, penalised fits leave so much unexplained that a change of P(X) looks like one here
LEAST_ROWS = 30
LEAST_OVERLAP = 20.0
MUCH_OVERLAP = 0.1  # share of rows, below which it is said
WEIGHT_COLUMNS = 32
NO_OVERLAP = "hardly any rows stand where both sides have some"
# A penalty that predicts best shrinks towards zero what domain and label have in common, and what is left of both then
# goes together: a false alarm. A tenth of it leaves more noise and less of that (undersmoothing; Newey, Hsieh & Robins,
# Econometrica 2004).
EASE = 0.1


@dataclass(frozen=True)
class Conditionals:
    """p is the larger of both families' (each Cauchy's combination of GCM and weighted GCM); NaN where untested.

    overlap  how many rows stand where both sides have rows, counted as Σ 4 e(1 - e)
    """

    answer: Answer
    reason: str
    p: float = float("nan")
    families: dict[str, float] | None = None
    overlap: float = float("nan")


def conditionals(
    source: Matrix,
    target: Matrix,
    labels: tuple[Labels, Labels],
    *,
    groups: tuple[NDArray[Any], NDArray[Any]] | None = None,
    explained: float = 1.0,
    alpha: float = 0.05,
    rng: np.random.Generator,
) -> Conditionals:
    """source (n, p) and target (m, p): leading components, all rows labelled with codes of one task.

    explained  share of the variance that these components hold; where it is small the test would see P(X) instead
    """
    n, m = len(source), len(target)
    refusal = refused((n, m), source.shape[1], labels, explained)
    if refusal:
        return Conditionals("cannot tell", refusal)
    Z = standardised(np.concatenate([source, target]))
    domain, codes = np.repeat([0, 1], [n, m]), np.unique(np.concatenate(labels), return_inverse=True)[1]
    units = None if groups is None else joined_groups(groups)
    fold_of = dealt_folds(units, domain * (codes.max() + 1) + codes, rng=rng)
    p: dict[Family, float] = {}
    overlaps = []
    for family in FAMILIES:
        p[family], overlap = _of_family(Z, domain, codes, fold_of, family, units, rng)
        overlaps.append(overlap)
    answer, reason = _answer(p, min(overlaps), n + m, alpha)
    named = {str(family): value for family, value in p.items()}
    return Conditionals(answer, reason, max(p.values()), named, min(overlaps))


def _answer(p: dict[Family, float], overlap: float, rows: int, alpha: float) -> tuple[Answer, str]:
    if overlap < LEAST_OVERLAP:
        return "cannot tell", f"{NO_OVERLAP}: nothing to compare labels at"
    below = [value <= alpha for value in p.values()]
    if all(below):
        return "differs", "both families of models see other labels at the same x"
    if overlap < MUCH_OVERLAP * rows and not any(below):
        return "not seen", f"{NO_OVERLAP} ({overlap:.0f} of {rows}): among these neither family sees other labels"
    if any(below):
        return "inconclusive", f"only the {min(p, key=lambda one: p[one])} models see a difference"
    return "not seen", "neither family of models sees other labels at the same x"


def refused(rows: tuple[int, int], columns: int, labels: tuple[Labels, Labels], explained: float) -> str:
    """Why these data cannot answer; empty where they can."""
    if min(rows) < LEAST_ROWS:
        return f"{rows[0]} labelled source and {rows[1]} labelled target rows; at least {LEAST_ROWS} of each are needed"
    if min(len(np.unique(side)) for side in labels) < 2 and len(np.unique(np.concatenate(labels))) < 2:
        return "all labelled rows belong to one class"
    if explained < 0.8:
        return (
            f"{sum(rows)} rows allow {columns} components, which hold {explained:.0%} of the variance: what they miss "
            "would pass for a change of labels"
        )
    return ""


def components_for(n_rows: int, available: int) -> int:
    """How many leading components this many labelled rows can explain a label with."""
    return max(1, min(available, n_rows // ROWS_PER_COLUMN))


def _of_family(
    Z: Matrix, domain: Labels, codes: Labels, fold_of: Labels, family: Family, units: NDArray[np.int64] | None,
    rng: np.random.Generator,
) -> tuple[float, float]:  # fmt: skip
    columns = expanded(Z, family, rng=rng)
    e = out_of_fold(columns, domain, fold_of, ease=EASE).proba[:, 1].clip(1e-6, 1 - 1e-6)
    n_classes = int(codes.max()) + 1
    expected = out_of_fold(columns, codes, fold_of, n_classes=n_classes, ease=EASE).proba
    left = (np.eye(n_classes)[codes] - expected)[:, 1 if n_classes == 2 else 0 :]
    log_odds = np.log(e / (1 - e)).clip(-4, 4)
    weights = np.column_stack([log_odds, Z[:, :WEIGHT_COLUMNS].clip(-3, 3), expected[:, 1:]])
    p = residual_product_ps(domain - e, left, weights, blocks=units, rng=rng)
    return cauchy(p), float((4 * e * (1 - e)).sum())
