"""What the networks of a study learn from and are scored on: prepared samples, several fixed views of each."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from headstart.arrays import Rows
from headstart.data.dataset import Dataset
from headstart.data.samples import digest
from headstart.strategies.learner import Prepared
from headstart.training.views.view import Augmenter, views_of


@dataclass(frozen=True, eq=False)
class Lessons:
    """Prepared inputs (n, ...) and label codes (n,)."""

    inputs: Tensor
    labels: Tensor


def lessons(
    dataset: Dataset, rows: Rows, prepared: Prepared, *, augment: Augmenter | None = None, views: int = 1
) -> Lessons:
    """The rows, `views` times each: view 0 is the sample itself, the others are augmented, always the same way.

    Every network of a study learns from the same views, so that what is frozen can be computed once for all of them and
    no treatment sees more variety than another.
    """
    samples = prepared(rows)
    every = list(samples)
    if augment is not None:
        for view in range(1, views):
            every += views_of(samples, augment, digests=digests_of(dataset, rows), view=view)
    labels = torch.from_numpy(np.tile(dataset.labels[rows], len(every) // len(samples)))
    return Lessons(torch.stack(every), labels)


def digests_of(dataset: Dataset, rows: Rows) -> list[bytes]:
    """The digest of each row's content, read now where nobody has read it before."""
    return [dataset.digests[row] if dataset.digests else digest(dataset.items[row]) for row in rows.tolist()]


def content_of(dataset: Dataset, rows: Rows) -> str:
    """Hex digest of the rows' contents and labels, order included."""
    known = hashlib.sha256(b"".join(digests_of(dataset, rows)))
    known.update(dataset.labels[rows].tobytes())
    return known.hexdigest()


def in_chunks(inputs: Tensor, through: Callable[[Tensor], Tensor], *, size: int = 128) -> Tensor:
    """`through` applied to all rows, a chunk at a time, without gradients."""
    with torch.no_grad():
        return torch.cat([through(inputs[start : start + size]) for start in range(0, len(inputs), size)])
