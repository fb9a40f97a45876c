"""How far apart the two marginals are, in numbers that do not grow with the number of rows; each with an interval.

One pass over all rows of both sides, block by block. Intervals come from leaving out one of 20 bags of rows at a time
(delete-a-group jackknife; Kott, J. Official Statistics 2001); rows of one group share their bag.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import linalg
from scipy.stats import t as student

from headstart.arrays import Labels, Matrix, Vector
from headstart.diagnosis.side import Side
from headstart.diagnosis.space import Space
from headstart.results import Interval
from headstart.stats.covariance import angles_between
from headstart.stats.kernels import median_bandwidth
from headstart.stats.mmd import mmd2_of_sums, spread_between_halves
from headstart.stats.transport import directions, sliced_wasserstein

BAGS = 20
LEAST = 4
CHUNK = 8192
WAVES = 128
LINES = 32
SUBSPACE = 10


@dataclass(frozen=True)
class Effect:
    """One distance between the sides.

    between_halves  the same number between two random halves of the source: what no difference looks like
    """

    name: str
    interval: Interval
    between_halves: float
    meaning: str


@dataclass(frozen=True, eq=False)
class Sums:
    """Sums over the rows of each bag of one side, and every row's place along the lines."""

    counts: Vector  # (B,)
    rows: Matrix  # (B, p)
    scatter: NDArray[Any]  # (B, p, p)
    waves: Matrix  # (B, 2·WAVES)
    lines: NDArray[np.float32]  # (n, LINES)
    bag_of: Labels  # (n,)


def distances(source: Side, target: Side, space: Space, *, rng: np.random.Generator) -> tuple[Effect, ...]:
    """MMD², shift ratio, subspace and sliced Wasserstein distance over all rows; nothing below 4 rows."""
    if min(len(source), len(target)) < LEAST:
        return ()
    sample = space.map(source.X[np.sort(rng.choice(len(source), min(len(source), 2000), replace=False))])
    bandwidth = median_bandwidth(sample, rng=rng)
    frequencies = (rng.standard_normal((sample.shape[1], WAVES)) / bandwidth).astype(np.float32)
    lines = directions(sample.shape[1], LINES, rng).astype(np.float32)
    sides = [_sums(side, space, frequencies, lines, rng) for side in (source, target)]
    halves = _halves(sides[0])
    null = spread_between_halves(_waves(sample, frequencies), rng=rng) * len(sample) / len(source)
    high = max(float(np.quantile(null, 0.95)), 1e-12)
    return (
        _effect("MMD²", sides, halves, _mmd, "squared distance of mean embeddings under a Gaussian kernel"),
        _effect("shift ratio", sides, halves, lambda s, t: _mmd(s, t) / high,
                "MMD² in units of what two halves of the source reach by chance in 1 of 20 cases"),
        _effect("subspace distance", sides, halves, _subspaces,
                f"0: the same {SUBSPACE} leading directions, 1: orthogonal ones"),
        _transport(sides),
    )  # fmt: skip


def bags(side: Side, rng: np.random.Generator) -> Labels:
    """A bag for each row, whole groups together."""
    if side.groups is None:
        return rng.permutation(np.arange(len(side)) % BAGS)
    units = np.unique(side.groups, return_inverse=True)[1].reshape(-1)
    return np.asarray(rng.permutation(np.arange(units.max() + 1) % BAGS)[units])


def _sums(side: Side, space: Space, frequencies: Matrix, lines: Matrix, rng: np.random.Generator) -> Sums:
    bag_of = bags(side, rng)
    count, p = int(bag_of.max()) + 1, space.columns.shape[1]
    rows, scatter = np.zeros((count, p)), np.zeros((count, p, p), dtype=np.float32)
    waves, along = np.zeros((count, 2 * WAVES)), np.empty((len(side), lines.shape[1]), dtype=np.float32)
    for start, Z in _blocks(side, space):
        here = slice(start, start + len(Z))
        along[here] = Z @ lines
        order = np.argsort(bag_of[here], kind="stable")
        edges = np.searchsorted(bag_of[here][order], np.arange(count + 1))
        Z = Z[order]
        moved = _waves(Z, frequencies)
        for bag in np.flatnonzero(np.diff(edges)):
            members = slice(edges[bag], edges[bag + 1])
            rows[bag] += Z[members].sum(axis=0)
            scatter[bag] += Z[members].T @ Z[members]
            waves[bag] += moved[members].sum(axis=0)
    return Sums(np.bincount(bag_of, minlength=count).astype(float), rows, scatter, waves, along, bag_of)


def _blocks(side: Side, space: Space) -> Iterator[tuple[int, NDArray[np.float32]]]:
    for start in range(0, len(side), CHUNK):
        yield start, space.map(side.X[start : start + CHUNK])


def _waves(Z: Matrix, frequencies: Matrix) -> NDArray[np.float32]:
    angles = Z @ frequencies
    return np.concatenate([np.cos(angles), np.sin(angles)], axis=1) * np.float32(1 / np.sqrt(WAVES))


@dataclass(frozen=True, eq=False)
class Totals:
    n: float
    rows: Vector
    scatter: Matrix
    waves: Vector


def _totals(sums: Sums, bags_used: NDArray[np.bool_]) -> Totals:
    return Totals(
        float(sums.counts[bags_used].sum()), sums.rows[bags_used].sum(axis=0),
        sums.scatter[bags_used].sum(axis=0, dtype=np.float64), sums.waves[bags_used].sum(axis=0),
    )  # fmt: skip


def _halves(sums: Sums) -> tuple[Totals, Totals]:
    first = np.arange(len(sums.counts)) % 2 == 0
    return _totals(sums, first), _totals(sums, ~first)


def _effect(
    name: str,
    sides: list[Sums],
    halves: tuple[Totals, Totals],
    formula: Callable[[Totals, Totals], float],
    meaning: str,
) -> Effect:
    whole = [_totals(side, np.ones(len(side.counts), dtype=bool)) for side in sides]
    value = formula(whole[0], whole[1])
    variance, freedom = 0.0, 0
    for number, side in enumerate(sides):
        count = len(side.counts)
        if count < 3:
            return Effect(name, Interval(value, np.nan, np.nan), formula(*halves), meaning)
        left_out = []
        for bag in range(count):
            pair = list(whole)
            pair[number] = _totals(side, np.arange(count) != bag)
            left_out.append(formula(pair[0], pair[1]))
        variance += (count - 1) / count * float(((np.array(left_out) - np.mean(left_out)) ** 2).sum())
        freedom += count - 1
    half = float(student.ppf(0.975, freedom) * np.sqrt(variance))
    return Effect(name, Interval(value, value - half, value + half), formula(*halves), meaning)


def _mmd(source: Totals, target: Totals) -> float:
    if min(source.n, target.n) < 2:
        return float("nan")
    return mmd2_of_sums(source.waves, source.n, target.waves, target.n)


def _subspaces(source: Totals, target: Totals) -> float:
    """Root mean squared sine of the principal angles between the leading directions."""
    k = int(min(SUBSPACE, max(1, source.scatter.shape[0] // 2), source.n - 1, target.n - 1))
    if k < 1:
        return float("nan")
    spans = []
    for side in (source, target):
        mean = side.rows / side.n
        covariance = side.scatter / side.n - np.outer(mean, mean)
        p = len(covariance)
        spans.append(linalg.eigh(covariance, subset_by_index=[p - k, p - 1], check_finite=False)[1])
    return float(np.sqrt((np.sin(angles_between(spans[0], spans[1])) ** 2).mean()))


def _transport(sides: list[Sums]) -> Effect:
    source, target = sides
    value = sliced_wasserstein(source.lines, target.lines)
    halves = sliced_wasserstein(*(source.lines[source.bag_of % 2 == half] for half in (0, 1)))
    pieces = [
        sliced_wasserstein(source.lines[source.bag_of % 5 == piece], target.lines[target.bag_of % 5 == piece])
        for piece in range(5)
        if (source.bag_of % 5 == piece).any() and (target.bag_of % 5 == piece).any()
    ]
    half = float(student.ppf(0.975, max(len(pieces) - 1, 1)) * np.std(pieces) / np.sqrt(max(len(pieces), 1)))
    meaning = "mean distance, in spreads of a component, that rows have to move along a line"
    return Effect("sliced Wasserstein", Interval(value, max(0.0, value - half), value + half), halves, meaning)
