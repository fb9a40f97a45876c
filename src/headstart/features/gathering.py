"""Rows of one shelf from its shards, through the page cache, each checked before it counts."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from headstart.arrays import Mask, Rows
from headstart.errors import StoreError
from headstart.features.indexing import Indexing
from headstart.features.shard import DIGEST_BYTES, Shard, open_shard

log = logging.getLogger(__name__)

_AT_ONCE = 65536  # digests looked up together: bounds what a look-up needs beside its result
_ATTEMPTS = 20  # a shard may be merged away between the look-up and the reading, on a busy machine several times


@dataclass(eq=False)
class Loaded:
    """Rows in the order asked for: `X[i]` is one where `known[i]`; X is None when not one was known."""

    X: NDArray[np.float32] | None
    known: Mask


def load(indexing: Indexing, digests: Sequence[bytes], *, begun: Loaded | None = None) -> Loaded:
    """All that is stored and sound; a damaged row is logged, forgotten and left out.

    `begun` is what an earlier call gave for the same digests: only rows that it lacks are read, into the same matrix.
    """
    loaded = begun or Loaded(None, np.zeros(len(digests), dtype=bool))
    gatherer = _Gatherer(indexing, digests, loaded)
    for start in range(0, len(digests), _AT_ONCE):
        gatherer.gather(range(start, min(start + _AT_ONCE, len(digests))))
    return loaded


class _Gatherer:
    def __init__(self, indexing: Indexing, digests: Sequence[bytes], loaded: Loaded) -> None:
        self.indexing = indexing
        self.digests = digests
        self.loaded = loaded

    def gather(self, span: range) -> None:
        for _ in range(_ATTEMPTS):
            wanted = [i for i in span if not self.loaded.known[i]]
            found = self.indexing.locate([self.digests[i] for i in wanted])
            damaged = {self.digests[i] for i in self._from_shards(wanted, found)}
            if damaged:
                self.indexing.forget({digest: found[digest] for digest in damaged})
            if all(self.loaded.known[i] or self.digests[i] not in found for i in wanted):
                return

    def _from_shards(self, wanted: Iterable[int], found: dict[bytes, tuple[str, int]]) -> list[int]:
        """Fill in what can be read; returns the positions whose rows are damaged."""
        by_shard: dict[str, list[int]] = defaultdict(list)
        for i in wanted:
            if place := found.get(self.digests[i]):
                by_shard[place[0]].append(i)
        damaged: list[int] = []
        for name, positions in by_shard.items():
            rows = np.array([found[self.digests[i]][1] for i in positions])
            try:
                shard = open_shard(self.indexing.shards / name, extractor=self.indexing.extractor)
            except FileNotFoundError:
                continue
            except StoreError as cause:
                log.warning("%s; %d rows will be computed again", cause, len(rows))
                damaged += positions
                continue
            good = self._copy(shard, np.array(positions), rows)
            if not good.all():
                log.warning("%s: %d rows are damaged and will be computed again", shard.path, (~good).sum())
                damaged += np.array(positions)[~good].tolist()
        return damaged

    def _copy(self, shard: Shard, positions: Rows, rows: Rows) -> Mask:
        """Which of the rows were sound, and so were copied."""
        if self.loaded.X is None:
            self.loaded.X = np.zeros((len(self.digests), *shard.values.shape[1:]), dtype=np.float32)
        good = rows < len(shard)
        if shard.values.shape[1:] != self.loaded.X.shape[1:]:
            return np.zeros(len(rows), dtype=bool)
        wanted = np.frombuffer(b"".join(self.digests[i] for i in positions), dtype=np.uint8).reshape(-1, DIGEST_BYTES)
        good[good] = (shard.keys[rows[good]] == wanted[good]).all(axis=1)
        good[good] = shard.sound(rows[good])
        self.loaded.X[positions[good]] = shard.values[rows[good]]
        self.loaded.known[positions[good]] = True
        return good
