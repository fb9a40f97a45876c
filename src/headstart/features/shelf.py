"""One extractor's rows: a folder of immutable shards, which is the truth, and an index made from it."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from headstart.arrays import Mask, finite_rows, same_length
from headstart.errors import DataError, StoreError
from headstart.features.gathering import Loaded, load
from headstart.features.identity import FORMAT, extractor_id
from headstart.features.indexing import Indexing, unusable
from headstart.features.merging import SMALL, merge
from headstart.features.misses import reason
from headstart.features.precision import by_precision
from headstart.features.shard import DIGEST_BYTES, write_durably, write_shard

META = "meta.json"
_TOUCH_SECONDS = 3600.0
_MANY = 32  # small shards


class Shelf:
    """The rows of one extractor. Any number of readers and writers, threads or processes, may use it at once.

    folder     `<root>/features/<extractor id>`, made when the first rows arrive
    extractor  what made the rows, as plain values; its digest names the folder
    name       what a person calls it; kept beside the rows, no part of the key
    """

    def __init__(self, folder: Path, extractor: Mapping[str, Any], *, name: str = "") -> None:
        self.folder = folder
        self.extractor = dict(extractor)
        self.name = name
        self.id = extractor_id(extractor)
        self.indexing = Indexing(folder, self.id)

    @classmethod
    def opened(cls, folder: Path) -> Self:
        """The shelf that a folder holds. Raises `StoreError` when its description is missing or another's."""
        try:
            meta = json.loads((folder / META).read_text())
            shelf = cls(folder, meta["extractor"], name=str(meta.get("name", "")))
        except (OSError, ValueError, TypeError, KeyError) as cause:
            raise StoreError(f"{folder} is no shelf of a feature store: {META} cannot be read ({cause})") from cause
        if shelf.id != folder.name:
            raise StoreError(f"{folder} describes another extractor ({shelf.id[:12]}…) than its name says")
        return shelf

    @property
    def exists(self) -> bool:
        return self.indexing.shards.is_dir()

    def __len__(self) -> int:
        return self.indexing.ask(lambda index: index.count()) if self.exists else 0

    def find(self, digests: Sequence[bytes]) -> Mask:
        """Which rows are stored, by the index alone; shape (n,)."""
        found = self.indexing.locate(digests) if self.exists else {}
        return np.fromiter((digest in found for digest in digests), dtype=bool, count=len(digests))

    def rows(self, digests: Sequence[bytes]) -> NDArray[np.float32]:
        """The rows of these keys, in this order; (n, d) float32, every one checked.

        Raises `StoreError` when one is missing or damaged; `load` says which instead.
        """
        loaded = self.load(digests)
        if loaded.X is None or not loaded.known.all():
            raise StoreError(f"{(~loaded.known).sum()} of {len(digests)} rows are not stored; {self.why_missing()}")
        return loaded.X

    def load(self, digests: Sequence[bytes], *, begun: Loaded | None = None) -> Loaded:
        """All that is stored and sound; a damaged row is logged, forgotten and left out.

        `begun` is what an earlier call gave for the same digests: only rows that it lacks are read, into its matrix.
        """
        if not self.exists:
            return begun or Loaded(None, np.zeros(len(digests), dtype=bool))
        self._touch()
        return load(self.indexing, digests, begun=begun)

    def put(self, digests: Sequence[bytes], X: NDArray[np.floating[Any]]) -> int:
        """Store rows; when this returns they survive kill -9. Rows that are there already stay as they are.

        digests: SHA-256 of each sample's content; X: (n, d), finite. Returns how many rows were new. Raises `DataError`
        for NaN or infinite rows and `StoreError` when the folder cannot be written or the disk is full.
        """
        X = np.asarray(X, dtype=np.float32)
        same_length(X, digests, names=("X", "digests"))
        if any(len(digest) != DIGEST_BYTES for digest in digests):
            raise DataError(f"keys are SHA-256 digests of {DIGEST_BYTES} bytes")
        if not len(digests):
            return 0
        if not finite_rows(X).all():
            raise DataError(f"{(~finite_rows(X)).sum()} of {len(X)} rows hold NaN or infinity and cannot be stored")
        self.prepare()
        first = dict(zip(reversed(digests), reversed(range(len(digests))), strict=True))
        known = self.find(digests)
        new = np.array(sorted(row for row in first.values() if not known[row]), dtype=np.int64)
        for rows, values in by_precision(X[new], self.extractor.get("dtype", "float16")):
            self._add([digests[i] for i in new[rows]], values)
        return len(new)

    def _add(self, digests: list[bytes], values: NDArray[Any]) -> None:
        keys = np.frombuffer(b"".join(digests), dtype=np.uint8).reshape(-1, DIGEST_BYTES)
        try:
            write_shard(self.indexing.shards, self.id, keys, values)
        except OSError as cause:
            raise unusable(self.folder, cause) from cause
        self.indexing.refresh()

    def prepare(self) -> None:
        """Make the folder, so that a store that cannot be written says so before anything is computed."""
        try:
            self.indexing.shards.mkdir(parents=True, exist_ok=True)
            if not (self.folder / META).is_file():
                meta = {"format": FORMAT, "name": self.name, "extractor": self.extractor,
                        "created": datetime.now(UTC).isoformat(timespec="seconds")}  # fmt: skip
                write_durably(self.folder / META, json.dumps(meta, indent=1).encode())
        except OSError as cause:
            raise unusable(self.folder, cause) from cause

    def tidy(self) -> None:
        """Merge shards when many small ones have come together (short runs and slow networks leave such)."""
        if self.indexing.ask(lambda index: index.count_shards(below=SMALL)) > _MANY:
            merge(self.indexing)

    def why_missing(self) -> str:
        """In one sentence, why rows asked for are not here: nothing stored, other weights, an older format ..."""
        return reason(self.name, self.indexing, self.extractor)

    def _touch(self) -> None:
        """Remember the last use, by the hour, for `prune`."""
        meta = self.folder / META
        with contextlib.suppress(OSError):
            if time.time() - meta.stat().st_mtime > _TOUCH_SECONDS:
                meta.touch()
