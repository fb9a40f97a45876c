"""One extraction's particulars, and the whole of it where nothing is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import sparse
from tqdm import tqdm

from headstart.backbones.backbone import Backbone, Pooling
from headstart.data.dataset import Dataset
from headstart.features.computing import Batch, Effort, Failures, forward


@dataclass(frozen=True, kw_only=True, eq=False)
class Job:
    """What is to be extracted, and how; `failures` fills as it goes on."""

    dataset: Dataset
    backbone: Backbone
    layers: Sequence[str]
    pooling: Pooling
    effort: Effort
    progress: bool = False
    failures: Failures = field(default_factory=Failures)

    @contextmanager
    def batches(
        self,
        rows: Sequence[int],
        layers: Sequence[str],
        *,
        expected: Callable[[int], bytes] | None = None,
        reused: int = 0,
    ) -> Iterator[Iterator[Batch]]:
        """The forward pass over some rows with its progress bar; its threads have ended when the block has."""
        passes = forward(
            self.dataset.items, rows, self.backbone, layers, pooling=self.pooling, effort=self.effort,
            failures=self.failures, expected=expected,
        )  # fmt: skip
        bar = tqdm(
            desc=f"{self.backbone.name} ({reused:,} reused)", total=len(rows), unit="samples", disable=not self.progress
        )

        def counted() -> Iterator[Batch]:
            for batch in passes:
                yield batch
                bar.update(len(batch.rows))

        with closing(passes), bar:  # type: ignore[type-var]
            yield counted()


@dataclass(frozen=True, kw_only=True, eq=False)
class Block:
    """One layer's rows, how many forward passes they took, and why those were needed."""

    X: Any
    computed: int
    missing: str = ""


def compute_all(job: Job) -> dict[str, Block]:
    """Every row afresh, nothing stored: for backbones that are quicker than a look-up, and for sparse ones."""
    order: list[int] = []
    parts: dict[str, list[Any]] = {layer: [] for layer in job.layers}
    n = len(job.dataset)
    with job.batches(range(n), job.layers) as batches:
        for batch in batches:
            order += batch.rows
            for layer, values in batch.values.items():
                parts[layer].append(values)
    job.failures.raise_if_any(job.dataset.ids)
    back = np.argsort(order)
    joined = {layer: _joined(blocks) for layer, blocks in parts.items()}
    return {layer: Block(X=X if (back == np.arange(n)).all() else X[back], computed=n) for layer, X in joined.items()}


def _joined(blocks: list[Any]) -> Any:
    return sparse.vstack(blocks, format="csr") if sparse.issparse(blocks[0]) else np.concatenate(blocks)
