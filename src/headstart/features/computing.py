"""The forward pass over items: decoded in threads beside it, like lengths together, failures kept apart."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from headstart.allocation import calm_malloc, one_arena
from headstart.backbones.backbone import Backbone, Pooling
from headstart.backbones.speed import torch_threads
from headstart.data.pictures import picture_bytes
from headstart.data.samples import Item, digest
from headstart.errors import DataError
from headstart.features.lookahead import ahead, alike, workers

BATCH_SIZE = 32
_WINDOW = 64  # batches of texts sorted by length together
_PICTURE_WINDOW = 4  # ... of anything that is large once prepared
_SIDE_BY_SIDE = 4  # forward passes at once: each holds a batch's activations


@dataclass(frozen=True, kw_only=True)
class Effort:
    """How to compute: samples per batch, and cores to compute on (None: as many threads as torch is set to).

    Forward passes run side by side with one torch thread each: on a CPU two such do more than one with two threads, and
    far more when the machine has other work, because no thread waits for another one inside every operation. That needs
    one memory arena for all threads; where other threads got theirs first, a pass outside the calling thread takes up
    to three times as long (page faults), and one pass runs at a time, in the calling thread with all torch threads.
    """

    batch_size: int = BATCH_SIZE
    threads: int | None = None

    def __post_init__(self) -> None:
        if self.batch_size < 1 or (self.threads is not None and self.threads < 1):
            raise DataError(f"batch_size and threads start at 1, got {self.batch_size} and {self.threads}")

    def shares(self, n: int) -> tuple[int, int]:
        """For `n` samples: forward passes side by side, and torch threads for each."""
        budget = self.threads or torch.get_num_threads()
        most = min(budget, -(-n // self.batch_size), _SIDE_BY_SIDE)
        passes = most if most > 1 and one_arena() else 1
        return passes, budget // passes

    @property
    def decoders(self) -> int:
        return self.threads or cores()


@dataclass(eq=False)
class Failures:
    """Row → why it could not be computed."""

    reasons: dict[int, str] = field(default_factory=dict)

    def raise_if_any(self, ids: Sequence[str], *, most: int = 10) -> None:
        """`DataError` with the names and reasons, once everything else is done."""
        if not self.reasons:
            return
        lines = [f"  {ids[row]}: {self.reasons[row]}" for row in sorted(self.reasons)]
        rest = [f"  … and {len(lines) - most} more"] if len(lines) > most else []
        raise DataError(
            f"{len(lines)} of {len(ids)} samples cannot be used (the others were computed and kept); "
            "leave them out, or run preflight, which does:\n" + "\n".join([*lines[:most], *rest])
        )


@dataclass(frozen=True, eq=False)
class Batch:
    """Rows of the dataset and, per layer, what the network gave for them."""

    rows: list[int]
    values: Mapping[str, Any]


def forward(
    items: Sequence[Item],
    rows: Sequence[int],
    backbone: Backbone,
    layers: Sequence[str],
    *,
    pooling: Pooling,
    effort: Effort,
    failures: Failures,
    expected: Callable[[int], bytes] | None = None,
) -> Iterator[Batch]:
    """Embed `items[row]` for each of the rows, in whatever order is quick; rows that fail go to `failures`.

    `expected(row)` is the digest under which a row's values will be known: a file that holds something else by now is
    a failure, so that nothing is ever kept under a wrong key.
    """

    def prepared(row: int) -> tuple[int, Any]:
        try:
            return row, backbone.prepare(_unchanged(items[row], expected and expected(row)))
        except (DataError, OSError) as cause:
            failures.reasons[row] = str(cause)
            return row, failures

    def passed(part: list[tuple[int, Any]]) -> Batch:
        batch = backbone.collate([value for _, value in part])
        given = backbone.embed(batch, layers, pooling=pooling)
        return Batch([row for row, _ in part], {layer: as_rows(given[layer]) for layer in layers})

    rows, light = _longest_first(items, rows)
    depth = effort.batch_size * (_WINDOW if light else 2)
    window = _WINDOW if light else _PICTURE_WINDOW
    calm_malloc()
    passes, torch_share = effort.shares(len(rows))
    with torch_threads(torch_share), workers(effort.decoders) as decoders, workers(passes) as networks:
        stream = (pair for pair in ahead(decoders, prepared, rows, depth=depth) if pair[1] is not failures)
        parts = alike(stream, effort.batch_size, lambda pair: backbone.cost(pair[1]), window=window)
        for batch in ahead(networks, passed, parts, depth=passes) if passes > 1 else map(passed, parts):
            yield from _finite(batch, failures)


def as_rows(values: Any) -> Any:
    """A tensor as a float32 array; sparse matrices as they are."""
    return values.detach().cpu().float().numpy() if hasattr(values, "detach") else values


def cores() -> int:
    """CPUs this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_memory(item: Item) -> Item:
    """A file's content (a regular file of bounded size: `DataError` otherwise); anything else as it is."""
    return picture_bytes(item) if isinstance(item, Path) else item


def _unchanged(item: Item, expected: bytes | None) -> Item:
    """A file's content, read once, if it still is what was asked for; anything else as it is."""
    if not isinstance(item, Path) or expected is None:
        return item
    content = in_memory(item)
    if digest(content) != expected:
        raise DataError("changed while it was being used; read the data again")
    return content


def _longest_first(items: Sequence[Item], rows: Sequence[int]) -> tuple[Sequence[int], bool]:
    """Texts by length, so that like lengths meet; everything else as it stands. Also: are prepared items small?"""
    if len(rows) and isinstance(items[rows[0]], str):
        return sorted(rows, key=lambda row: -len(items[row])), True
    return rows, False


def _finite(batch: Batch, failures: Failures) -> Iterable[Batch]:
    """The batch without rows in which some layer gave NaN or infinity; those are failures."""
    good = np.ones(len(batch.rows), dtype=bool)
    for layer, values in batch.values.items():
        if isinstance(values, np.ndarray):
            finite = np.isfinite(values.reshape(len(values), -1)).all(axis=1)
            for at in np.flatnonzero(good & ~finite):
                failures.reasons[batch.rows[at]] = f"the network gives NaN or infinity for it at layer '{layer}'"
            good &= finite
    if good.all():
        return [batch]
    kept = [row for row, fine in zip(batch.rows, good, strict=True) if fine]
    return [Batch(kept, {layer: values[good] for layer, values in batch.values.items()})] if kept else []
