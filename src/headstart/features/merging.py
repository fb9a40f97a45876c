"""Many small shards become few: live, sound rows are copied into new shards, then the old ones are unlinked."""

from __future__ import annotations

import contextlib

import numpy as np
from numpy.typing import NDArray

from headstart.errors import StoreError
from headstart.features.catalogue import Catalogue
from headstart.features.indexing import Indexing, unusable
from headstart.features.shard import Shard, open_shard, write_shard

SMALL = 1024  # rows; a shard below is merged with others
LARGEST = 4096  # rows of a merged shard


def merge(indexing: Indexing) -> int:
    """Merge what is small, and what holds rows that are stored twice or damaged; returns how many shards went away.

    Safe beside readers and writers: a row is in the index at every moment, first in the old shard, then in the new.
    """
    live = indexing.ask(lambda index: index.live())
    opened = {name: _open(indexing, name) for name in live}
    wasteful = [name for name, shard in opened.items() if shard is not None and len(live[name]) < len(shard)]
    small = [name for name, shard in opened.items() if shard is not None and len(shard) < SMALL]
    chosen = {*wasteful, *(small if len(small) > 1 else ())}
    groups = _alike([(opened[name], live[name]) for name in sorted(chosen)])
    return sum(_merge_group(indexing, group) for group in groups)


def _open(indexing: Indexing, name: str) -> Shard | None:
    try:
        return open_shard(indexing.shards / name, extractor=indexing.extractor)
    except (OSError, StoreError):
        return None


def _alike(chosen: list[tuple[Shard | None, list[int]]]) -> list[list[tuple[Shard, list[int]]]]:
    """Groups of at most LARGEST rows of one dtype and shape."""
    groups: list[list[tuple[Shard, list[int]]]] = []
    sizes: list[int] = []
    latest: dict[object, int] = {}
    for shard, rows in chosen:
        assert shard is not None
        kind = (shard.values.dtype.str, shard.values.shape[1:])
        at = latest.get(kind)
        if at is None or sizes[at] + len(rows) > LARGEST:
            at = latest[kind] = len(groups)
            groups.append([])
            sizes.append(0)
        groups[at].append((shard, rows))
        sizes[at] += len(rows)
    return groups


def _merge_group(indexing: Indexing, group: list[tuple[Shard, list[int]]]) -> int:
    """Returns how many shards went away: none where somebody else was quicker."""
    parts: list[tuple[NDArray[np.uint8], NDArray[np.floating]]] = []
    for shard, live in group:
        rows = np.array(live, dtype=np.int64)
        rows = rows[shard.sound(rows)]
        parts.append((shard.keys[rows], shard.values[rows]))
    keys, values = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    copied = {shard.path.name: live for shard, live in group}
    try:
        new = write_shard(indexing.shards, indexing.extractor, keys, values) if len(keys) else None
    except OSError as cause:
        raise unusable(indexing.folder, cause) from cause

    def move(index: Catalogue) -> bool:
        with index.writing():
            if not index.holds_no_more_than(copied):
                return False  # somebody else merged them just now, or moved rows into one of them
            if new is not None:
                index.add([(new.name, [key.tobytes() for key in keys], range(len(keys)))], replace=True)
            index.drop(copied)
        return True

    moved = indexing.ask(move)
    for path in [shard.path for shard, _ in group] if moved else [new]:
        with contextlib.suppress(OSError):
            if path is not None:
                path.unlink(missing_ok=True)
    return len(group) - int(new is not None) if moved else 0
