"""Do the two feature spaces agree? Modality, columns by name and order, units; rows and columns that hold nothing."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from headstart.arrays import Mask, Vector
from headstart.diagnosis.side import Side

CHUNK = 16384
MOST_NAMED = 5
MUCH_BEYOND = 0.1  # share of a column's values
UNIT_FACTOR = 20.0  # spreads this far apart look like another unit rather than another population


@dataclass(frozen=True)
class Schema:
    """What the comparison of feature spaces found.

    same     both sides describe their samples in the same way
    shared   number of columns both sides have (0: nothing can be compared)
    reason   one sentence
    notes    what was left out or looks odd, one sentence each
    doubt    why the spaces may differ although they are described alike: another unit, another language
    """

    same: bool
    shared: int
    reason: str
    notes: tuple[str, ...] = ()
    doubt: str = ""


def aligned(source: Side, target: Side) -> tuple[Side, Side, Schema]:
    """Both sides in their shared columns, in the source's order, without rows and columns that hold no numbers."""
    if source.domain.modality != target.domain.modality:
        reason = f"the source holds {source.domain.modality} samples, the target {target.domain.modality} samples"
        return source, target, Schema(False, 0, reason)
    source, target, schema = _by_name(source, target)
    if not schema.shared:
        return source, target, schema
    source, target, notes = _finite(source, target)
    doubts: list[str] = []
    if min(len(source), len(target)) and not sparse.issparse(source.X) and not sparse.issparse(target.X):
        odd, doubts = _odd_columns(source, target)
        notes += odd
    doubt = "; ".join(doubts)
    return source, target, replace(schema, shared=source.X.shape[1], notes=(*schema.notes, *notes), doubt=doubt)


def _by_name(source: Side, target: Side) -> tuple[Side, Side, Schema]:
    mine, theirs = source.domain.columns, target.domain.columns
    widths = source.X.shape[1], target.X.shape[1]
    named = len(mine) == widths[0] and len(theirs) == widths[1] and len(set(mine)) == len(mine) > 0
    if not named:
        if widths[0] == widths[1]:
            return source, target, Schema(True, widths[0], f"both have {widths[0]} columns")
        reason = f"the source has {widths[0]} columns, the target {widths[1]}, and no names tell which belong together"
        return source, target, Schema(False, 0, reason)
    shared = [name for name in mine if name in theirs]
    if not shared:
        return source, target, Schema(False, 0, f"no column name is shared ({_listed(mine)} / {_listed(theirs)})")
    chosen = tuple(
        _columns(side, [names.index(name) for name in shared]) for side, names in ((source, mine), (target, theirs))
    )
    gone, new = [n for n in mine if n not in theirs], [n for n in theirs if n not in mine]
    if gone or new:
        parts = [f"the target lacks {_listed(gone)}"] * bool(gone) + [f"the source lacks {_listed(new)}"] * bool(new)
        reason = f"{len(shared)} columns are shared; " + " and ".join(parts)
        return chosen[0], chosen[1], Schema(False, len(shared), reason)
    notes = () if mine == theirs else ("the columns come in another order; they were matched by name",)
    return chosen[0], chosen[1], Schema(True, len(shared), f"both have the same {len(shared)} columns", notes)


def _columns(side: Side, numbers: list[int]) -> Side:
    if numbers == list(range(side.X.shape[1])):
        return side
    names = tuple(side.domain.columns[number] for number in numbers)
    return replace(side, X=side.X[:, numbers], domain=replace(side.domain, columns=names))


def _finite(source: Side, target: Side) -> tuple[Side, Side, list[str]]:
    """Columns that are mostly missing on a side go, then rows that still miss something; odd columns are noted."""
    if sparse.issparse(source.X) or sparse.issparse(target.X):
        return source, target, []
    names = source.domain.columns or tuple(f"column {number}" for number in range(source.X.shape[1]))
    missing = np.maximum(*(missing_share(side.X) for side in (source, target)))
    notes = []
    bad = missing > 0.5
    if bad.any() and not bad.all():
        notes.append(f"{_listed([names[i] for i in np.flatnonzero(bad)])} mostly without values: left out")
        source, target = (_columns_of(side, ~bad) for side in (source, target))
    sides = []
    for side, word in ((source, "source"), (target, "target")):
        good = complete_rows(side.X)
        if not good.all():
            notes.append(f"{(~good).sum()} of {len(side)} {word} rows hold NaN or infinity: left out")
            side = side.take(np.flatnonzero(good))
        sides.append(side)
    return sides[0], sides[1], notes


def _columns_of(side: Side, kept: Mask) -> Side:
    columns = side.domain.columns and tuple(np.array(side.domain.columns)[kept].tolist())
    return replace(side, X=np.asarray(side.X)[:, kept], domain=replace(side.domain, columns=columns))


def missing_share(X: Any) -> Vector:
    """Share of rows without a finite number, per column; reads a block of rows at a time."""
    total = np.zeros(X.shape[1])
    for start in range(0, len(X), CHUNK):
        total += (~np.isfinite(X[start : start + CHUNK])).sum(axis=0)
    return total / len(X)


def complete_rows(X: Any) -> Mask:
    blocks = [np.isfinite(X[start : start + CHUNK]).all(axis=1) for start in range(0, len(X), CHUNK)]
    return np.concatenate(blocks)


def _odd_columns(source: Side, target: Side) -> tuple[list[str], list[str]]:
    """Notes on columns that say nothing or reach beyond the source's range; doubts about units. By name, so that the
    columns of an embedding are left in peace."""
    names = source.domain.columns
    first, second = (np.asarray(side.X[:CHUNK], dtype=np.float64) for side in (source, target))
    spreads = first.std(axis=0), second.std(axis=0)
    constant = (spreads[0] == 0) & (spreads[1] == 0)
    notes = []
    if constant.any() and not constant.all():
        shown = [names[i] if names else f"column {i}" for i in np.flatnonzero(constant)]
        notes.append(f"{_listed(shown)} constant on both sides: says nothing")
    if not names:
        return notes, []
    varied = (spreads[0] > 0) & (spreads[1] > 0)
    ratio = np.ones(len(names))
    ratio[varied] = spreads[1][varied] / spreads[0][varied]
    doubts = [
        f"'{names[i]}' spreads {ratio[i]:.3g} times as far in the target: another unit?"
        for i in np.flatnonzero((ratio > UNIT_FACTOR) | (ratio < 1 / UNIT_FACTOR))[:MOST_NAMED]
    ]
    beyond = ((second < first.min(axis=0)) | (second > first.max(axis=0))).mean(axis=0)
    notes += [
        f"{beyond[i]:.0%} of the target's '{names[i]}' lie beyond the source's range"
        for i in np.argsort(-beyond, kind="stable")[:MOST_NAMED] if beyond[i] > MUCH_BEYOND
    ]  # fmt: skip
    return notes, doubts


def shared_rows(source: Side, target: Side) -> tuple[Mask, Mask]:
    """Which rows of each side also stand, value by value, on the other (dense values as float32); shapes (n,), (m,)."""
    first, second = _row_digests(source.X), _row_digests(target.X)
    return np.isin(first, second), np.isin(second, first)


def _row_digests(X: Any) -> NDArray[np.uint64]:
    """A number per row: the sum of its bits times odd random numbers, modulo 2^64 (multilinear hashing; Carter & Wegman
    1979). That two of a million rows a side share one by chance has odds of one in ten million."""
    if sparse.issparse(X):
        X = X.tocsr().sorted_indices()
        rows = zip(X.indptr[:-1], X.indptr[1:], strict=True)
        return np.array([_digest(X.indices[a:b], X.data[a:b]) for a, b in rows], dtype=np.uint64)
    odd = np.random.default_rng(0).integers(2**63, size=X.shape[1], dtype=np.uint64) * 2 + 1
    found = np.empty(len(X), dtype=np.uint64)
    for start in range(0, len(X), CHUNK):
        block = np.ascontiguousarray(X[start : start + CHUNK], dtype=np.float32) + 0  # -0 becomes 0
        found[start : start + CHUNK] = block.view(np.uint32).astype(np.uint64) @ odd
    return found


def _digest(*parts: NDArray[Any]) -> int:
    state = hashlib.blake2b(digest_size=8)
    for part in parts:
        state.update(part.tobytes())
    return int.from_bytes(state.digest(), "little")


def _listed(names: Any) -> str:
    names = list(names)
    shown = ", ".join(f"'{name}'" for name in names[:MOST_NAMED])
    return shown + (f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else "")
