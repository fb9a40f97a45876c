"""Permutation tests of many statistics at once: one matrix of relabelled contrasts, then the smallest p of them all
against its own permutation distribution (Westfall & Young, 1993)."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.arrays import Mask, Matrix, Vector

TIE = 1e-4  # in standard deviations: one relabelling dealt twice may differ by the rounding of float32


@dataclass(frozen=True)
class MinP:
    """`p` of the whole family (exact under exchangeability) and the unadjusted p of each statistic."""

    p: float
    each: Vector


def contrasts(
    is_target: Mask,
    *,
    blocks: NDArray[Any] | None = None,
    strata: NDArray[Any] | None = None,
    permutations: int = 399,
    rng: np.random.Generator,
) -> Matrix:
    """Columns whose inner product with a feature is "target mean minus source mean"; the first is the true labelling.

    is_target     (n,) which side each row is on
    blocks        (n,) rows that stay together when sides are dealt out again; a block that appears on both sides is
                  two blocks, which can only make the test more cautious
    strata        (n,) sides are dealt out within each stratum only, so its share of both sides never changes; strata
                  that one side lacks carry no weight, the others n·m/(n+m), their precision
    permutations  how many relabellings beside the true one

    Returns (n, 1 + permutations) float32.
    """
    strata = np.zeros(len(is_target), dtype=np.int64) if strata is None else np.unique(strata, return_inverse=True)[1]
    units = _units(is_target, strata, blocks)
    columns = np.zeros((len(is_target), permutations + 1), dtype=np.float32)
    weights = _stratum_weights(is_target, strata)
    for stratum in np.flatnonzero(weights):
        rows = np.flatnonzero(strata == stratum)
        columns[rows] = weights[stratum] * _within(is_target[rows], units[rows], permutations, rng)
    return columns


def distinct_relabellings(is_target: Mask, blocks: NDArray[Any] | None = None) -> int:
    """How many ways there are to deal the sides out again: below 1/alpha no test at that level can reject."""
    units = _units(is_target, np.zeros(len(is_target), dtype=np.int64), blocks)
    _, first = np.unique(units, return_index=True)
    return comb(len(first), int(is_target[first].sum()))


def min_p(statistics: Matrix) -> MinP:
    """The smallest p over the rows of `statistics`, itself compared with its permutation distribution.

    statistics  (tests, 1 + permutations), large means different, column 0 is the true labelling

    Every step treats all columns alike, so that p is exact: P(p <= a) <= a when the columns are exchangeable. Ranks
    leave as many ties at the top as there are tests; they are broken by how far a statistic stands above its mean.
    """
    centred = np.asarray(statistics, dtype=np.float64) - statistics.mean(axis=1, keepdims=True)
    spread = centred.std(axis=1, keepdims=True)
    heights = centred / np.where(spread > 0, spread, 1.0)
    ranks = _upper_ranks(heights) / heights.shape[1]
    smallest, highest = ranks.min(axis=0), heights.max(axis=0)
    as_extreme = (smallest < smallest[0]) | ((smallest == smallest[0]) & (highest >= highest[0] - TIE))
    return MinP(float(as_extreme.mean()), ranks[:, 0])


def _upper_ranks(heights: Matrix) -> Matrix:
    """How many columns are at least as large, per row; equal values share the largest count."""
    below = [np.searchsorted(np.sort(row), row - TIE, side="left") for row in heights]
    return np.asarray(heights.shape[1] - np.array(below), dtype=np.float64)


def _units(is_target: Mask, strata: NDArray[np.int64], blocks: NDArray[Any] | None) -> NDArray[np.int64]:
    """A number per row: rows of one number lie on one side, in one stratum, in one block."""
    if blocks is None:
        return np.arange(len(is_target))
    named = np.unique(blocks, return_inverse=True)[1]
    keys = np.stack([named, strata, is_target.astype(np.int64)], axis=1)
    return np.asarray(np.unique(keys, axis=0, return_inverse=True)[1].reshape(-1))


def _stratum_weights(is_target: Mask, strata: NDArray[np.int64]) -> Vector:
    target = np.bincount(strata, weights=is_target)
    source = np.bincount(strata) - target
    precision = target * source / np.maximum(target + source, 1)
    return precision / max(precision.sum(), 1e-300)


def _within(is_target: Mask, units: NDArray[np.int64], permutations: int, rng: np.random.Generator) -> Matrix:
    """Contrasts of one stratum: +1/m for rows dealt to the target, -1/n for the others."""
    _, first, unit = np.unique(units, return_index=True, return_inverse=True)
    sides = np.tile(is_target[first].astype(np.int8), (permutations + 1, 1))
    rng.permuted(sides[1:], axis=1, out=sides[1:])
    in_target = sides @ np.bincount(unit) if len(first) < len(unit) else sides.sum(axis=1, dtype=np.int64)
    here, there = 1 / in_target, 1 / (len(is_target) - in_target)
    columns = sides.T * (here + there).astype(np.float32) - there.astype(np.float32)
    return columns if np.array_equal(unit, np.arange(len(columns))) else columns[unit]
