"""From samples to features: look up what is stored, compute the rest once, store it, hand back rows in order."""

from __future__ import annotations

import time
from collections.abc import Sequence

from headstart.backbones.backbone import POOLINGS, Backbone, Pooling
from headstart.data.dataset import Dataset
from headstart.errors import DataError, UnknownName
from headstart.features.computing import BATCH_SIZE, Effort
from headstart.features.job import Job, compute_all
from headstart.features.lookup import look_up
from headstart.features.matrix import Features
from headstart.features.precision import PRECISIONS, Precision
from headstart.features.store import Store

__all__ = ["Features", "extract"]


def extract(
    dataset: Dataset,
    backbone: Backbone,
    *,
    layers: Sequence[str] | None = None,
    store: Store | None = None,
    pooling: Pooling = "mean",
    batch_size: int | None = None,
    threads: int | None = None,
    progress: bool = False,
    dtype: Precision = "float16",
) -> dict[str, Features]:
    """Features of every row at each layer (None: the last one), float32, rows in the dataset's order.

    What the store holds is not computed; what is computed is stored within seconds, so that a run that was killed goes
    on where it stopped. Values are the stored ones (`dtype` precision), fresh or not: same answer either way.

    Raises `DataError` for an empty dataset or another modality, and, after all else is computed and stored, for samples
    that cannot be read (named with reasons); `UnknownName` for a layer the backbone does not have; `StoreError` when
    the store cannot be written.
    """
    started = time.perf_counter()
    job = Job(
        dataset=dataset,
        backbone=backbone,
        layers=_checked(dataset, backbone, layers, pooling, dtype),
        pooling=pooling,
        effort=Effort(batch_size=batch_size or BATCH_SIZE, threads=threads),
        progress=progress,
    )
    through_store = backbone.stored and not backbone.sparse
    blocks = look_up(job, store or Store(), dtype) if through_store else compute_all(job)
    seconds = time.perf_counter() - started
    return {
        layer: Features(
            X=block.X, layer=layer, backbone=backbone.name, fingerprint=backbone.fingerprint, computed=block.computed,
            reused=len(dataset) - block.computed, seconds=seconds, missing=block.missing,
        )
        for layer, block in blocks.items()
    }  # fmt: skip


def _checked(
    dataset: Dataset, backbone: Backbone, layers: Sequence[str] | None, pooling: Pooling, dtype: Precision
) -> list[str]:
    """The layers, each once."""
    if not len(dataset):
        raise DataError(f"nothing to extract: {dataset.domain} has no samples")
    if dataset.modality != backbone.modality:
        raise DataError(
            f"backbone '{backbone.name}' takes {backbone.modality} samples, the data are {dataset.modality}; "
            "choose a backbone of that kind"
        )
    for name, given, known in (("pooling", pooling, POOLINGS), ("dtype", dtype, PRECISIONS)):
        if given not in known:
            raise UnknownName(name, given, known)
    chosen = list(dict.fromkeys(backbone.layers[-1:] if layers is None else layers))
    for layer in chosen:
        if layer not in backbone.layers:
            raise UnknownName(f"layer of '{backbone.name}'", layer, backbone.layers)
    return chosen
