"""Is every stored row still what was written? Reads all of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from headstart.errors import StoreError
from headstart.features.indexing import shard_names
from headstart.features.inventory import all_shelves
from headstart.features.shard import open_shard


@dataclass(frozen=True)
class Verification:
    """What reading everything found; `problems` are sentences with paths.

    Nothing is changed: a damaged row is never returned anyway, and is computed again when it is next asked for.
    """

    rows: int
    shards: int
    damaged_rows: int
    problems: tuple[str, ...]

    @property
    def sound(self) -> bool:
        return not self.problems

    def __str__(self) -> str:
        verdict = "all sound" if self.sound else f"{self.damaged_rows:,} damaged rows, {len(self.problems)} problems"
        return "\n".join([f"{self.rows:,} rows in {self.shards:,} shards read: {verdict}", *self.problems])


def verify(features: Path) -> Verification:
    """Check each row of each shard of each shelf; about 1 GB/s."""
    shelves, problems = all_shelves(features)
    rows = damaged = shards = 0
    for shelf in shelves:
        for name in sorted(shard_names(shelf.indexing.shards)):
            shards += 1
            try:
                there, bad = _check(shelf.indexing.shards / name, shelf.id)
            except (StoreError, FileNotFoundError) as cause:
                problems.append(str(cause))
                continue
            rows += there
            damaged += bad
            if bad:
                problems.append(f"{shelf.indexing.shards / name}: {bad} of {there} rows are damaged")
    return Verification(rows, shards, damaged, tuple(problems))


def _check(path: Path, extractor: str) -> tuple[int, int]:
    """Rows in the shard, and how many of them are damaged."""
    shard = open_shard(path, extractor=extractor)
    return len(shard), int((~shard.sound(np.arange(len(shard)))).sum())
