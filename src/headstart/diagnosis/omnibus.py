"""One two-sample test for every kind of difference: stacked feature maps, one product with a matrix of relabelled
signs, the smallest p of all blocks against its own permutation distribution (min-p of Westfall & Young, 1993)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.arrays import Matrix, Vector, as_matrix, same_length
from headstart.diagnosis.feature_maps import Block, blocks_of
from headstart.errors import DataError
from headstart.stats.permutation import contrasts, distinct_relabellings, min_p

PERMUTATIONS = 399
MOST_ROWS = 2000  # per side: beyond that a p-value only says that there is much data

Groups = NDArray[Any]


@dataclass(frozen=True)
class Omnibus:
    """The test that both sides come from one distribution.

    p         exact: under that hypothesis P(p <= a) <= a, at any number of rows and columns
    blocks    the unadjusted p of each statistic: where the difference was seen
    rows      how many rows of source and target were used
    smallest  the smallest p these rows could give; above the level the test cannot reject whatever the data
    """

    p: float
    blocks: dict[str, float]
    rows: tuple[int, int]
    smallest: float


def omnibus(
    source: Matrix,
    target: Matrix,
    *,
    groups: tuple[Groups, Groups] | None = None,
    strata: tuple[Groups, Groups] | None = None,
    permutations: int = PERMUTATIONS,
    most_rows: int = MOST_ROWS,
    seed: int = 0,
) -> Omnibus:
    """Do the rows of source (n, d) and target (m, d) come from one distribution?

    groups   of each side's rows: rows of one group are dealt out together
    strata   of each side's rows (classes, say): tests that the distributions agree *within* each stratum

    Raises `DataError` for another number of columns, no rows, and NaN.
    """
    rng = np.random.default_rng(seed)
    chosen = [_some_rows(as_matrix(side, name=name), most_rows, rng)
              for side, name in ((source, "source"), (target, "target"))]  # fmt: skip
    if source.shape[1] != target.shape[1]:
        raise DataError(f"source has {source.shape[1]} columns, target {target.shape[1]}; map both into one space")
    sides = [np.asarray(side)[rows] for side, rows in zip((source, target), chosen, strict=True)]
    rows = (len(sides[0]), len(sides[1]))
    is_target = np.repeat([False, True], rows)
    blocks = _joined(groups, chosen, (source, target), "groups")
    signs = contrasts(
        is_target,
        blocks=blocks,
        strata=_joined(strata, chosen, (source, target), "strata"),
        permutations=permutations,
        rng=rng,
    )
    pooled = scaled(np.concatenate(sides))
    if not pooled.any():  # every row equals every other: rounding must not be ranked
        return Omnibus(1.0, {}, rows, 1.0)
    statistics = statistics_of(blocks_of(pooled, rng=rng), signs)
    found = min_p(np.array(list(statistics.values())))
    smallest = max(1 / (permutations + 1), 1 / distinct_relabellings(is_target, blocks))
    each = dict(zip(statistics, found.each.tolist(), strict=True))
    return Omnibus(found.p, each, rows, smallest)


def statistics_of(blocks: tuple[Block, ...], signs: Matrix) -> dict[str, Vector]:
    """Each statistic for each relabelling (columns of `signs`)."""
    statistics: dict[str, Vector] = {}
    for block in blocks:
        differences = block.values.T @ signs
        np.square(differences, out=differences)
        statistics[block.name] = differences.sum(axis=0)
        if block.largest:
            statistics[f"{block.name}, largest"] = differences.max(axis=0)
    return statistics


def scaled(X: Matrix) -> NDArray[np.float32]:
    """Centred and of overall size 1, as float32: what single precision would lose to a large offset stays."""
    centred = X - X.mean(axis=0, dtype=np.float64)
    size = float(np.sqrt((centred**2).mean()))
    return np.asarray(centred / (size or 1.0), dtype=np.float32)


def _some_rows(side: Matrix, most: int, rng: np.random.Generator) -> NDArray[np.int64]:
    return np.arange(len(side)) if len(side) <= most else np.sort(rng.choice(len(side), most, replace=False))


def _joined(
    names: tuple[Groups, Groups] | None, chosen: list[NDArray[np.int64]], sides: tuple[Matrix, Matrix], what: str
) -> Groups | None:
    if names is None:
        return None
    for column, side in zip(names, sides, strict=True):
        same_length(side, column, names=("a side", what))
    parts = [np.asarray(column)[rows] for column, rows in zip(names, chosen, strict=True)]
    return np.unique(np.concatenate(parts), return_inverse=True)[1]
