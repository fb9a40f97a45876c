"""One deterministic view of every sample: a backbone whose stored rows are known by the view that made them.

Augmentation and stored features exclude each other only where the augmentation is drawn anew each time. A view with a
number is the same picture for ever, so what a frozen network gives for it is computed once like anything else.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any, Self

import torch
from torch import Tensor, nn

from headstart.backbones.backbone import Backbone, Pooling
from headstart.data.samples import Item, digest
from headstart.errors import DataError
from headstart.training.views.view import Augmenter, view_key, view_of


class Viewed:
    """`backbone` as a map of view number `number`; view 0 shows samples as they are.

    augment  what a view may change of a prepared sample; what it looks like depends on its content and the number
             alone, not on what stands beside it
    length   token sequences are filled up with zeros to this length where positions are kept, so that texts of any
             length stand on one shelf

    A `Backbone` for `extract`: same fingerprint, another shelf. Raises `DataError` for a view without an augmentation.
    """

    name: str
    modality: Any
    license: str
    fingerprint: str
    layers: tuple[str, ...]
    stored: bool
    sparse: bool
    learned_from: str | None

    def __init__(
        self, backbone: Backbone, *, number: int = 0, augment: Augmenter | None = None, length: int | None = None
    ) -> None:
        self.backbone, self.number, self.augment, self.length = backbone, number, augment, length
        self._key = view_key(augment, number)
        for fact in ("name", "modality", "license", "fingerprint", "layers", "stored", "sparse", "learned_from"):
            setattr(self, fact, getattr(backbone, fact))

    @property
    def view(self) -> Any:
        """What its rows are known by beside the backbone, JSON; 0 for samples as they are."""
        return self._key if self.length is None else {"view": self._key, "length": self.length}

    def prepare(self, item: Item) -> Any:
        """As the backbone prepares it, then augmented."""
        prepared = self.backbone.prepare(item)
        if not self.number or self.augment is None:
            return prepared
        return view_of(prepared, self.augment, digest=digest(item), view=self.number)

    def cost(self, prepared: Any) -> int:
        return self.backbone.cost(prepared)

    def collate(self, prepared: Sequence[Any]) -> Any:
        return self.backbone.collate(prepared)

    def embed(self, batch: Any, layers: Sequence[str], *, pooling: Pooling = "mean") -> dict[str, Tensor]:
        """As the backbone's, token sequences filled up to `length`."""
        given = self.backbone.embed(batch, layers, pooling=pooling)
        if self.length is None or pooling != "none":
            return given
        return {layer: filled(rows, self.length) if rows.ndim == 3 else rows for layer, rows in given.items()}

    def cut(self, layer: str) -> tuple[nn.Module, nn.Module]:
        return self.backbone.cut(layer)

    def describe(self) -> dict[str, Any]:
        return {**self.backbone.describe(), "view": self.view}

    def state(self) -> dict[str, Tensor]:
        return self.backbone.state()

    def with_state(self, state: dict[str, Tensor]) -> Self:
        twin = copy.copy(self)
        twin.backbone = self.backbone.with_state(state)
        twin.fingerprint = twin.backbone.fingerprint
        return twin


def filled(rows: Tensor, length: int) -> Tensor:
    """(n, t, d) → (n, length, d), zeros after the last token. Raises `DataError` where a text is longer."""
    if rows.shape[1] > length:
        raise DataError(f"a text has {rows.shape[1]} tokens, this view holds {length}; ask for a longer one")
    return torch.nn.functional.pad(rows, (0, 0, 0, length - rows.shape[1]))
