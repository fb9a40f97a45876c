"""Extraction through the store: what is there is read, what is not is computed once and stored, then read as well."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from headstart.backbones.backbone import Backbone, Pooling
from headstart.data.samples import digest
from headstart.errors import DataError, StoreError
from headstart.features.computing import in_memory
from headstart.features.gathering import Loaded
from headstart.features.job import Block, Job
from headstart.features.lookahead import ahead, workers
from headstart.features.outbox import Outbox
from headstart.features.precision import Precision
from headstart.features.shelf import Shelf
from headstart.features.store import Store
from headstart.features.view import Viewed

_ATTEMPTS = 3  # rows found damaged right after they were written are written again, but not for ever


def key(backbone: Backbone, layer: str, *, pooling: Pooling, dtype: Precision) -> dict[str, Any]:
    """Everything besides a sample's content that makes its row: what a shelf is known by."""
    view = backbone.view if isinstance(backbone, Viewed) else 0
    return {"fingerprint": backbone.fingerprint, "layer": layer, "pooling": pooling, "dtype": dtype, "view": view}


def look_up(job: Job, store: Store, dtype: Precision) -> dict[str, Block]:
    """Every row of every layer, from the store in the end, so that fresh and stored values are the same bits.

    Raises `DataError` for samples that cannot be used, after all others are stored; `StoreError` when the store cannot
    be written, before anything is computed where that can be known.
    """
    digests = _digests(job)
    rows = [row for row, known in enumerate(digests) if known]
    wanted = [digests[row] for row in rows]
    shelves = {
        layer: store.shelf(key(job.backbone, layer, pooling=job.pooling, dtype=dtype), name=job.backbone.name)
        for layer in job.layers
    }
    loaded = {layer: shelf.load(wanted) for layer, shelf in shelves.items()}
    missing = {layer: "" if block.known.all() else shelves[layer].why_missing() for layer, block in loaded.items()}
    first = dict(zip(reversed(wanted), reversed(rows), strict=True))  # digest → the first row of that content
    computed = dict.fromkeys(job.layers, 0)
    for _ in range(_ATTEMPTS):
        lacking = {layer: _lacking(job, block, wanted, first) for layer, block in loaded.items()}
        if not any(lacking.values()):
            break
        _compute(job, shelves, lacking, digests)
        for layer, fresh in lacking.items():
            computed[layer] += len(fresh - job.failures.reasons.keys())
            shelves[layer].load(wanted, begun=loaded[layer])
    for row in rows:  # a row shares the fate of the equal row that was tried
        if (reason := job.failures.reasons.get(first[digests[row]])) is not None:
            job.failures.reasons[row] = reason
    job.failures.raise_if_any(job.dataset.ids)
    return {layer: _block(shelves[layer], loaded[layer], computed[layer], missing[layer]) for layer in job.layers}


def _digests(job: Job) -> list[bytes]:
    """Each row's digest, b"" for a file that cannot be read."""
    if job.dataset.digests is not None:
        return list(job.dataset.digests)

    def of(row: int) -> bytes:
        try:
            return digest(in_memory(job.dataset.items[row]))
        except (DataError, OSError) as cause:
            job.failures.reasons[row] = str(cause)
            return b""

    with workers(job.effort.decoders) as pool:
        return list(ahead(pool, of, range(len(job.dataset)), depth=64))


def _lacking(job: Job, block: Loaded, wanted: list[bytes], first: Mapping[bytes, int]) -> set[int]:
    """The rows to compute for a layer: one for each content that is not stored and has not failed."""
    absent = {first[wanted[at]] for at in np.flatnonzero(~block.known)}
    return absent - job.failures.reasons.keys()


def _compute(job: Job, shelves: Mapping[str, Shelf], lacking: Mapping[str, set[int]], digests: list[bytes]) -> None:
    """One forward pass for all layers that lack something; each keeps what it lacks, within seconds."""
    outboxes = {layer: Outbox(shelves[layer]) for layer, rows in lacking.items() if rows}
    for layer in outboxes:
        shelves[layer].prepare()
    rows = sorted(set().union(*lacking.values()))
    try:
        reused = len(job.dataset) - len(rows)
        with job.batches(rows, list(outboxes), expected=lambda row: digests[row], reused=reused) as batches:
            for batch in batches:
                for layer, outbox in outboxes.items():
                    new = [at for at, row in enumerate(batch.rows) if row in lacking[layer]]
                    outbox.add([digests[batch.rows[at]] for at in new], batch.values[layer][new])
    except BaseException:  # Ctrl-C as well: what is computed is kept
        for outbox in outboxes.values():
            outbox.save()
        raise
    for outbox in outboxes.values():
        outbox.send()
        outbox.shelf.tidy()


def _block(shelf: Shelf, loaded: Loaded, computed: int, missing: str) -> Block:
    if loaded.X is None or not loaded.known.all():
        raise StoreError(f"rows written to {shelf.folder} come back damaged; check the disk, or move HEADSTART_STORE")
    return Block(X=loaded.X, computed=computed, missing=missing)
