"""One view of one sample: the same content and the same number give the same bits, whatever stands beside it.

So a view can be kept in the store like any frozen value, and augmentation and caching go together. Nothing here looks
at a batch, at the order of rows, or at the global generator.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, Protocol

import torch
from torch import Tensor

from headstart.errors import DataError
from headstart.training.batches import Augment


class Augmenter(Protocol):
    """Changes one sample as its backbone's `prepare` gives it, into another that `collate` takes just as well."""

    def __call__(self, sample: Tensor, generator: torch.Generator) -> Tensor:
        """All chance comes from `generator`; the sample given stays as it is; thread-safe."""
        ...

    def describe(self) -> dict[str, Any]:
        """Everything that decides what comes out, as JSON: part of the key under which a view is stored."""
        ...


def view_of(sample: Tensor, augment: Augmenter, *, digest: bytes, view: int) -> Tensor:
    """View number `view` of the sample whose content has this digest. View 0 is the sample itself.

    Raises `DataError` for a negative number.
    """
    if view < 0:
        raise DataError(f"views are counted from 0 (the sample itself), got view {view}")
    return sample if view == 0 else augment(sample, view_generator(digest, view))


def views_of(samples: Sequence[Tensor], augment: Augmenter, *, digests: Sequence[bytes], view: int) -> list[Tensor]:
    """`view_of` each. Raises `DataError` unless there is one digest per sample."""
    if len(samples) != len(digests):
        raise DataError(f"{len(samples)} samples but {len(digests)} digests; they must match one to one")
    return [view_of(sample, augment, digest=digest, view=view) for sample, digest in zip(samples, digests, strict=True)]


def view_generator(digest: bytes, view: int) -> torch.Generator:
    """The random numbers of one view of one content."""
    known = hashlib.sha256(digest + b"view" + view.to_bytes(8, "little")).digest()
    return torch.Generator().manual_seed(int.from_bytes(known[:8], "little") >> 1)


def view_key(augment: Augmenter | None, view: int) -> Any:
    """What stands under "view" in a store's key: 0 for the sample itself, else the number and what made it."""
    if view == 0:
        return 0
    if augment is None:
        raise DataError(f"view {view} needs an augmentation; only view 0 is the sample itself")
    return {"number": view, "by": augment.describe()}


def in_batches(augment: Augmenter) -> Augment:
    """The same for training that keeps nothing: `Batches(…, augment=in_batches(photos))`, inputs as prepared.

    Every row gets a generator of its own, seeded from the step's.
    """

    def augmented(inputs: Tensor, generator: torch.Generator) -> Tensor:
        seeds = torch.randint(2**62, (len(inputs),), generator=generator).tolist()
        return torch.stack(
            [augment(sample, torch.Generator().manual_seed(seed)) for sample, seed in zip(inputs, seeds, strict=True)]
        )

    return augmented
