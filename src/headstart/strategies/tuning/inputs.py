"""What the moving part is fed: a boundary's activations from the store, or samples through the frozen part."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn

from headstart.arrays import Rows, Vector
from headstart.backbones.network import NetworkBackbone
from headstart.data.dataset import Dataset
from headstart.data.samples import digest
from headstart.features.extraction import extract
from headstart.features.store import Store
from headstart.features.view import Viewed
from headstart.strategies.learner import Prepared
from headstart.training.freezing import Frozen
from headstart.training.views.view import Augmenter, view_of

log = logging.getLogger(__name__)

MOST_BYTES = 2 * 2**30  # of activations held in memory
LARGEST_HALF = 60_000.0  # beyond it half precision has no room


@dataclass
class Saved:
    """What keeping activations saves: forward passes through the frozen part that were made, and that were asked for.

    seconds_each  one such pass, measured
    bytes         that the activations take in memory
    note          why nothing was kept, where nothing was
    """

    made: int = 0
    asked: int = 0
    seconds_each: float = 0.0
    bytes: int = 0
    note: str = ""

    @property
    def avoided(self) -> int:
        return max(0, self.asked - self.made)


class Inputs(Protocol):
    """Inputs of the moving part for rows of a dataset; `chance` draws the view, None shows samples as they are."""

    saved: Saved

    def __call__(self, rows: Tensor, chance: torch.Generator | None = None) -> Any: ...

    def costs(self, rows: Rows) -> Vector | None:
        """Tokens of each row; None where all rows cost the same."""
        ...


@dataclass(eq=False)
class StoredInputs:
    """`values` (m, views, …), half precision where that has room, of the dataset's `rows`.

    lengths  (m, views) of token sequences
    """

    values: Tensor
    rows: Rows
    lengths: Tensor | None = None
    saved: Saved = field(default_factory=Saved)

    def __post_init__(self) -> None:
        self._place = torch.full((int(self.rows.max()) + 1,), -1, dtype=torch.int64)
        self._place[torch.from_numpy(self.rows)] = torch.arange(len(self.rows))

    def __call__(self, rows: Tensor, chance: torch.Generator | None = None) -> Any:
        place, views = self._place[rows], self.values.shape[1]
        view = torch.zeros(len(rows), dtype=torch.int64)
        if chance is not None and views > 1:
            view = torch.randint(views, (len(rows),), generator=chance)
        self.saved.asked += len(rows)
        values = self.values[place, view]
        if self.lengths is None:
            return _laid_out(values.float())
        lengths = self.lengths[place, view]
        longest = int(lengths.max())
        mask = (torch.arange(longest)[None] < lengths[:, None]).long()
        return {"hidden": values[:, :longest].float(), "mask": mask}

    def costs(self, rows: Rows) -> Vector | None:
        """Tokens of each row as it is; None for what has none."""
        return None if self.lengths is None else self.lengths[self._place[torch.from_numpy(rows)], 0].numpy()


@dataclass(eq=False)
class FreshInputs:
    """Prepared samples, augmented anew each time, through `below` (the frozen part; None where all layers run)."""

    prepared: Prepared
    backbone: NetworkBackbone
    below: nn.Module | None = None
    augment: Augmenter | None = None
    saved: Saved = field(default_factory=Saved)

    def __call__(self, rows: Tensor, chance: torch.Generator | None = None) -> Any:
        samples = self.prepared(rows.numpy())
        if chance is not None and self.augment is not None:
            samples = _augmented(samples, self.augment, chance)
        batch = _laid_out(self.backbone.collate(samples))
        if self.below is None:
            return batch
        with Frozen(self.below), torch.no_grad():
            return self.below(batch)

    def costs(self, rows: Rows) -> Vector | None:
        """Tokens of each text; None for other samples."""
        if self.backbone.modality != "text":
            return None
        return np.array([self.backbone.cost(sample) for sample in self.prepared(rows)])


def inputs_above(
    backbone: NetworkBackbone,
    boundary: str | None,
    dataset: Dataset,
    rows: Rows,
    *,
    train: Rows,
    views: int,
    augment: Augmenter | None,
    store: Store,
    most_bytes: int = MOST_BYTES,
    progress: bool = False,
) -> Inputs:
    """Inputs for `rows`, of which `train` are also seen augmented (in views 1 to `views` - 1).

    Above a boundary they are its activations, each view of each sample computed once for ever (and kept in the store),
    unless they would take more than `most_bytes` of memory: then they are computed each time, and `saved.note` says so.
    """
    prepared = Prepared(dataset, backbone, progress=progress)
    if views == 1 or augment is None:
        views, augment = 1, None
    if boundary is None:
        return FreshInputs(prepared, backbone, augment=augment)
    shape, seconds = _shape_and_seconds(backbone, boundary, prepared(rows[:4]))
    keeping = _Keeping(backbone, boundary, dataset, rows, train, views, augment, store, progress)
    lengths = keeping.lengths(prepared) if len(shape) == 2 else None
    if lengths is not None:
        keeping.length, shape = _filled_length(int(lengths.max())), (_filled_length(int(lengths.max())), shape[1])
    size = int(np.prod(shape)) * 2 * len(rows) * views
    if size <= most_bytes:
        return keeping.stored(lengths, Saved(seconds_each=seconds, bytes=size))
    note = (
        f"activations at '{boundary}' would take {size / 2**30:.1f} GB of memory, more than the "
        f"{most_bytes / 2**30:.1f} GB that may be held: the frozen part is computed each time"
    )
    log.warning(note)
    return FreshInputs(prepared, backbone, backbone.cut(boundary)[0], augment, Saved(note=note))


@dataclass(eq=False)
class _Keeping:
    """Brings a boundary's activations from the store into memory, view by view."""

    backbone: NetworkBackbone
    boundary: str
    dataset: Dataset
    rows: Rows
    train: Rows
    views: int
    augment: Augmenter | None
    store: Store
    progress: bool
    length: int | None = None

    def stored(self, lengths: Tensor | None, saved: Saved) -> StoredInputs:
        values = self._values(self.rows, 0, saved)[:, None]
        if float(values.abs().max()) < LARGEST_HALF:
            values = values.half()
        if self.views > 1:
            values = values.repeat(1, self.views, *(1 for _ in values.shape[2:]))
        for view in range(1, self.views):
            trained = self._trained
            values[trained, view] = self._values(self.rows[trained], view, saved).to(values.dtype)
        return StoredInputs(values, self.rows, lengths, saved)

    def lengths(self, prepared: Prepared) -> Tensor:
        """Tokens per row and view; (m, views)."""
        samples = prepared(self.rows)
        plain = torch.tensor([self.backbone.cost(sample) for sample in samples])
        lengths = plain[:, None].repeat(1, self.views)
        for view in range(1, self.views):
            for at in self._trained.tolist():
                lengths[at, view] = self.backbone.cost(self._seen(samples[at], at, view))
        return lengths

    @property
    def _trained(self) -> Rows:
        return np.flatnonzero(np.isin(self.rows, self.train))

    def _seen(self, sample: Any, at: int, view: int) -> Any:
        assert self.augment is not None
        return view_of(sample, self.augment, digest=digest(self.dataset.items[self.rows[at]]), view=view)

    def _values(self, rows: Rows, view: int, saved: Saved) -> Tensor:
        viewed = Viewed(self.backbone, number=view, augment=self.augment if view else None, length=self.length)
        block = extract(
            self.dataset.take(rows), viewed, layers=[self.boundary], store=self.store, pooling="none",
            progress=self.progress,
        )[self.boundary]  # fmt: skip
        saved.made += block.computed
        return torch.from_numpy(block.X)


def _augmented(samples: Sequence[Any], augment: Augmenter, chance: torch.Generator) -> list[Any]:
    """Each sample changed by its own chance, seeded from the step's."""
    seeds = torch.randint(2**62, (len(samples),), generator=chance).tolist()
    return [augment(sample, torch.Generator().manual_seed(seed)) for sample, seed in zip(samples, seeds, strict=True)]


def _laid_out(batch: Any) -> Any:
    """Maps with channels last in memory: what convolutions on a CPU like best."""
    if isinstance(batch, Tensor) and batch.ndim == 4:
        return batch.contiguous(memory_format=torch.channels_last)
    return batch


def _shape_and_seconds(backbone: NetworkBackbone, layer: str, samples: Sequence[Any]) -> tuple[tuple[int, ...], float]:
    """The shape of a layer's output for one sample, and the seconds that one takes."""
    batch = backbone.collate(samples)
    backbone.embed(batch, [layer], pooling="none")  # the first pass also builds the faster form
    started = time.perf_counter()
    given = backbone.embed(batch, [layer], pooling="none")[layer]
    return tuple(given.shape[1:]), (time.perf_counter() - started) / len(samples)


def _filled_length(longest: int) -> int:
    """The shortest of 32, 64, 128 … tokens that holds every text: few lengths, so that shelves are shared."""
    return max(32, 1 << (longest - 1).bit_length())
